/** The digest of all that a build is made of: the same tree is not built twice. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDERS = [
  'app',
  'server',
  'compute-agent',
  'console-proxy',
  'prisma',
  'public',
  'scripts/build',
  'scripts/images',
  // Bundled by way of scripts/renew.ts.
  'scripts/install',
  'scripts/supervise',
];
const FILES = [
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'scripts/build.ts',
  'scripts/supervise.ts',
  'scripts/renew.ts',
  'scripts/prepare-images.ts',
];
// At the top: next.config.ts, proxy.ts, instrumentation.ts and the like.
const TOP_LEVEL = /^(next\.config|proxy|instrumentation|postcss\.config).*\.(ts|mjs|cjs|js)$/;
/** Generated from others here, or not part of what runs. */
const LEFT_OUT = /(^|\/)(server\/generated|server\/testing|node_modules)(\/|$)|\.test\.tsx?$/;

/** 16 hex digits of SHA-256. */
export function sourceDigest(root: string): string {
  const hash = createHash('sha256');
  for (const path of sources(root)) {
    const content = readFileSync(join(root, path));
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex').slice(0, 16);
}

function sources(root: string): string[] {
  const top = readdirSync(root).filter((name) => TOP_LEVEL.test(name));
  const present = [...FILES, ...top].filter((path) => existsSync(join(root, path)));
  return [...present, ...FOLDERS.flatMap((folder) => walk(root, folder))].sort();
}

function walk(root: string, folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (LEFT_OUT.test(path)) return [];
    return entry.isDirectory() ? walk(root, path) : [path];
  });
}
