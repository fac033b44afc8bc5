import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { layoutOf } from './layout.ts';
import { ensureCluster, postgresOptions } from './postgres.ts';
import { readSettings } from './settings.ts';
import type { Users } from './users.ts';

let data: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'tsubo-pg-'));
  chmodSync(data, 0o755);
  mkdirSync(join(data, 'run'));
});
afterEach(() => rmSync(data, { recursive: true }));

// initdb refuses to run as root; nobody is on every machine.
const self = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
const owner = self.uid === 0 ? { uid: 65534, gid: 65534 } : self;
const users = { 'tsubo-pg': owner } as Users;

test('the cluster gets its name when it is whole; what a killed initdb left is replaced', () => {
  const layout = layoutOf(data);
  mkdirSync(`${layout.pg}.new`);
  writeFileSync(join(`${layout.pg}.new`, 'PG_VERSION'), '15\n');
  expect(ensureCluster(layout, users, 'secret')).toBe(true);
  expect(existsSync(join(layout.pg, 'global/pg_control'))).toBe(true);
  expect(existsSync(`${layout.pg}.new`)).toBe(false);
  expect(readFileSync(join(layout.pg, 'PG_VERSION'), 'utf8')).toMatch(/^\d+\n$/);
  expect(ensureCluster(layout, users, 'secret')).toBe(false);
}, 60_000);

test('an initdb that fails leaves no cluster', () => {
  const layout = layoutOf(data);
  // Nobody but root may give away folders, and initdb does not run as root.
  expect(() => ensureCluster(layout, { 'tsubo-pg': { uid: 0, gid: 0 } } as Users, 'secret')).toThrow();
  expect(existsSync(layout.pg)).toBe(false);
});

test('a folder that holds something else is not touched', () => {
  const layout = layoutOf(data);
  mkdirSync(join(layout.pg, 'base'), { recursive: true });
  expect(() => ensureCluster(layout, users, 'secret')).toThrow(/is not empty/);
  expect(existsSync(join(layout.pg, 'base'))).toBe(true);
});

test('slow statements are logged without their parameters', () => {
  expect(postgresOptions(readSettings({}))).toEqual(
    expect.arrayContaining(['log_parameter_max_length=0', 'log_parameter_max_length_on_error=0']),
  );
});
