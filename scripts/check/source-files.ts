/** The project's own TypeScript, as text with its imports. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const FOLDERS = ['app', 'server', 'compute-agent', 'console-proxy', 'prisma', 'scripts', 'e2e'];

/** Tests and what only they use. */
const TESTS = /\.test\.tsx?$|^e2e\/|^server\/testing\/|(^|\/)testing(-\w+)?\.ts$|(^|\/)isolated-libvirtd\.ts$/;

export type Import = {
  /** As written. */
  specifier: string;
  /** Path from the root when it is a file of ours. */
  target: string | undefined;
  typeOnly: boolean;
};

export type SourceFile = {
  /** From the root, e.g. server/servers/service.ts */
  path: string;
  /** The text without comments and with strings emptied: for looking at calls. */
  code: string;
  lines: number;
  isTest: boolean;
  imports: Import[];
};

export function readSources(root: string): SourceFile[] {
  return FOLDERS.flatMap((folder) => walk(root, folder)).map((path) =>
    parseSource(path, readFileSync(join(root, path), 'utf8')),
  );
}

function walk(root: string, folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (path === 'server/generated') return [];
    if (entry.isDirectory()) return walk(root, path);
    return /\.tsx?$/.test(path) && !path.endsWith('.d.ts') ? [path] : [];
  });
}

export function parseSource(path: string, text: string): SourceFile {
  return {
    path,
    code: bare(text),
    lines: text.split('\n').length - 1,
    isTest: TESTS.test(path),
    imports: importsOf(text).map((found) => ({ ...found, target: resolve(path, found.specifier) })),
  };
}

// Biome writes every import in one form, so a pattern finds them all.
const FROM = /^(?:import|export)\s+(type\s+)?[^'"`;]*?\bfrom\s+'([^']+)'/gm;
const BARE = /^import\s+'([^']+)'/gm;
const DYNAMIC = /\bimport\(\s*'([^']+)'\s*\)/g;

function importsOf(text: string): { specifier: string; typeOnly: boolean }[] {
  return [
    ...[...text.matchAll(FROM)].map((match) => ({ specifier: match[2]!, typeOnly: match[1] !== undefined })),
    ...[...text.matchAll(BARE)].map((match) => ({ specifier: match[1]!, typeOnly: false })),
    ...[...text.matchAll(DYNAMIC)].map((match) => ({ specifier: match[1]!, typeOnly: false })),
  ];
}

function resolve(from: string, specifier: string): string | undefined {
  return specifier.startsWith('.') ? normalize(join(dirname(from), specifier)) : undefined;
}

/** Comments and the insides of strings blanked, lines kept. */
function bare(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, (found) =>
    found.replace(/[^\n]/g, ' '),
  );
}
