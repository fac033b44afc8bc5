import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readSshDoor } from '../../server/ssh-door.ts';
import { type Layout, layoutOf } from './layout.ts';
import { readSettings } from './settings.ts';
import { ensureSshHostKeys } from './ssh-host-keys.ts';
import type { Users } from './users.ts';

const self = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
const users: Users = {
  ...{ 'tsubo-pg': self, 'tsubo-web': self, 'tsubo-app': self },
  ...{ 'tsubo-worker': self, 'tsubo-console': self },
};
const settings = readSettings({});
let layout: Layout;
const key = (kind: string) => join(layout.console, `ssh_host_${kind}_key`);

beforeEach(() => {
  layout = layoutOf(mkdtempSync(join(tmpdir(), 'host-keys-')));
  mkdirSync(layout.etc);
});
afterEach(() => rmSync(layout.data, { recursive: true }));

test('are made once, readable by the proxy alone; the panel knows what ssh-keygen would say', () => {
  expect(readSshDoor(layout.data, 'http://localhost:8080')).toBeNull();
  ensureSshHostKeys(layout, settings, users);
  const before = ['ed25519', 'ecdsa'].map((kind) => readFileSync(key(kind), 'utf8'));
  ensureSshHostKeys(layout, { ...settings, TSUBO_SSH_PORT: 2022 }, users);
  expect(['ed25519', 'ecdsa'].map((kind) => readFileSync(key(kind), 'utf8'))).toEqual(before);
  expect(statSync(key('ed25519')).mode & 0o777).toBe(0o600);

  const door = readSshDoor(layout.data, 'https://panel.example:8443');
  expect(door).toMatchObject({ host: 'panel.example', port: 2022 });
  expect(door?.hostKeys.map(({ type }) => type)).toEqual(['ssh-ed25519', 'ecdsa-sha2-nistp256']);
  for (const [index, kind] of ['ed25519', 'ecdsa'].entries()) {
    const said = execFileSync('/usr/bin/ssh-keygen', ['-l', '-f', key(kind)], { encoding: 'utf8' });
    expect(said.split(' ')[1]).toBe(door?.hostKeys[index]?.fingerprint);
  }
});

test('a broken one is not made anew behind everybody’s back', () => {
  ensureSshHostKeys(layout, settings, users);
  writeFileSync(key('ed25519'), 'half a key');
  expect(() => ensureSshHostKeys(layout, settings, users)).toThrow(/ssh_host_ed25519_key cannot be read/);
});

test('of many installations each has keys that can be read', () => {
  // ssh2 alone would fail in one of some 230.
  for (let n = 0; n < 500; n++) {
    rmSync(layout.console, { recursive: true, force: true });
    expect(() => ensureSshHostKeys(layout, settings, users)).not.toThrow();
  }
}, 60_000);
