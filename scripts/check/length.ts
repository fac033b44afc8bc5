/**
 * Files stay short: 250 lines. Those that are longer stand in long-files.json with the length they may have; it
 * is lowered when a file shrinks, and never raised by itself (`npm run check -- --lower` writes the lower ones).
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Violation } from './rules.ts';
import type { SourceFile } from './source-files.ts';

const LIMIT = 250;
const FILE = new URL('long-files.json', import.meta.url);

type Allowance = Record<string, number>;

export function lengths(files: SourceFile[]): Violation[] {
  const allowance: Allowance = JSON.parse(readFileSync(FILE, 'utf8'));
  const byPath = new Map(files.map((file) => [file.path, file]));
  const tooLong = files
    .filter((file) => file.lines > Math.max(LIMIT, allowance[file.path] ?? 0))
    .map((file) => ({
      path: file.path,
      rule: 'length',
      message: `${file.lines} lines, ${allowance[file.path] ?? LIMIT} allowed: divide it by ideas`,
    }));
  const slack = Object.entries(allowance)
    .filter(([path, lines]) => (byPath.get(path)?.lines ?? 0) < lines)
    .map(([path]) => ({ path, rule: 'length', message: 'is shorter than its allowance: npm run check -- --lower' }));
  return [...tooLong, ...slack];
}

export function lowerAllowances(files: SourceFile[]): void {
  const allowance: Allowance = JSON.parse(readFileSync(FILE, 'utf8'));
  const lower = files
    .filter((file) => file.path in allowance && file.lines > LIMIT)
    .map((file) => [file.path, Math.min(file.lines, allowance[file.path]!)]);
  writeFileSync(FILE, `${JSON.stringify(Object.fromEntries(lower), null, 2)}\n`);
}
