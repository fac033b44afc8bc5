import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { requireIpv6 } from './ipv6.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsubo-ipv6-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const LOOPBACK = '00000000000000000000000000000001 01 80 10 80       lo\n';
const LINK = 'fe80000000000000505400fffe770001 02 40 20 80     eth0\n';

test('a kernel without IPv6 and one where it is switched off are told apart', () => {
  const file = join(folder, 'if_inet6');
  expect(() => requireIpv6(file)).toThrow(/kernel has no IPv6/);
  writeFileSync(file, '');
  expect(() => requireIpv6(file)).toThrow(/switched off/);
  writeFileSync(file, LINK);
  expect(() => requireIpv6(file)).toThrow(/switched off/);
  writeFileSync(file, LINK + LOOPBACK);
  expect(() => requireIpv6(file)).not.toThrow();
});
