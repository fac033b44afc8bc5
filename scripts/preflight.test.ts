import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsubo-preflight-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const LOOPBACK = '00000000000000000000000000000001 01 80 10 80       lo\n';
const LINK = 'fe80000000000000505400fffe770001 02 40 20 80     eth0\n';

const said = (file: string) => spawnSync(join(import.meta.dirname, 'preflight'), [file], { encoding: 'utf8' }).stderr;

test.runIf(process.getuid?.() === 0)('a kernel without IPv6 and one where it is switched off are told apart', () => {
  const file = join(folder, 'if_inet6');
  expect(said(file)).toMatch(/kernel has no IPv6/);
  writeFileSync(file, '');
  expect(said(file)).toMatch(/switched off/);
  writeFileSync(file, LINK);
  expect(said(file)).toMatch(/switched off/);
  writeFileSync(file, LINK + LOOPBACK);
  expect(said(file)).toBe('');
});
