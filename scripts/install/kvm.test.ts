import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openKvm } from './kvm.ts';

let folder: string;
let device: string;
/** A group that this process may give a file to. */
const gid = process.getgid?.() ?? 0;
const mode = () => statSync(device).mode & 0o777;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsubo-kvm-'));
  device = join(folder, 'kvm');
  writeFileSync(device, '');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a device that is its owner’s alone is opened for the group, once', () => {
  chmodSync(device, 0o600);
  expect(openKvm(device, gid)).toBe(true);
  expect(mode()).toBe(0o660);
  expect(statSync(device).gid).toBe(gid);
  expect(openKvm(device, gid)).toBe(false);
});

test('what another has opened wider stays as it is', () => {
  chmodSync(device, 0o666);
  expect(openKvm(device, gid)).toBe(false);
  expect(mode()).toBe(0o666);
});

test('without the device there is nothing to do', () => {
  expect(openKvm(join(folder, 'none'), gid)).toBe(false);
});
