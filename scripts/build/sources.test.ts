import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sourceDigest } from './sources.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tsubo-sources-'));
  mkdirSync(join(root, 'server/generated'), { recursive: true });
  mkdirSync(join(root, 'scripts/stack'), { recursive: true });
  mkdirSync(join(root, 'scripts/install'));
  writeFileSync(join(root, 'package-lock.json'), '{}');
  writeFileSync(join(root, 'server/worker.ts'), 'export {};\n');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test.each([
  ['a source', 'server/worker.ts'],
  ['a new source', 'server/other.ts'],
  ['what the renewal is made of', 'scripts/install/certificates.ts'],
  ['the lockfile', 'package-lock.json'],
  ["Next's configuration", 'next.config.ts'],
])('%s changes the digest', (_, path) => {
  const before = sourceDigest(root);
  writeFileSync(join(root, path), 'changed');
  expect(sourceDigest(root)).not.toBe(before);
});

test.each([
  ['a test', 'server/worker.test.ts'],
  ['generated code', 'server/generated/client.ts'],
  ['a script that is not part of what runs', 'scripts/stack/run.ts'],
])('%s does not', (_, path) => {
  const before = sourceDigest(root);
  writeFileSync(join(root, path), 'changed');
  expect(sourceDigest(root)).toBe(before);
});

test('content that moves from one file to the next is another tree', () => {
  writeFileSync(join(root, 'server/a.ts'), 'xy');
  writeFileSync(join(root, 'server/b.ts'), 'z');
  const before = sourceDigest(root);
  writeFileSync(join(root, 'server/a.ts'), 'x');
  writeFileSync(join(root, 'server/b.ts'), 'yz');
  expect(sourceDigest(root)).not.toBe(before);
});

test('a link to nowhere is no source', () => {
  const before = sourceDigest(root);
  mkdirSync(join(root, 'public'));
  symlinkSync('/nowhere', join(root, 'public/link.test.ts'));
  expect(sourceDigest(root)).toBe(before);
});
