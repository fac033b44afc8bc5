import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { installationFile } from './layout.ts';
import { agentVariables, originOf, readSettings, savedInstallation, unknownSettings } from './settings.ts';

test('defaults, then what was saved, then the environment', () => {
  expect(readSettings({}).TSUBO_PORT).toBe(8080);
  expect(readSettings({}, { TSUBO_PORT: 8081 }).TSUBO_PORT).toBe(8081);
  expect(readSettings({ TSUBO_PORT: '8082' }, { TSUBO_PORT: 8081 }).TSUBO_PORT).toBe(8082);
  expect(originOf(readSettings({ TSUBO_PORT: '8082' }))).toBe('http://localhost:8082');
});

test('settings that were saved are read back as they were', () => {
  const settings = readSettings({ TSUBO_ORIGIN: 'https://panel.example', TSUBO_BRIDGE: 'tsubo7' });
  expect(readSettings({}, JSON.parse(JSON.stringify(settings)))).toEqual(settings);
});

test.each([
  ['TSUBO_PORT', '0'],
  ['TSUBO_PORT', 'http'],
  ['TSUBO_ORIGIN', 'panel.example'],
  ['TSUBO_BRIDGE', 'a name that is too long'],
  ['DATABASE_URL', 'mysql://x'],
])('a wrong value is named: %s=%s', (name, value) => {
  expect(() => readSettings({ [name]: value })).toThrow(name === 'DATABASE_URL' ? name : `${name}="${value}"`);
});

test('an installation that cannot be read is said, not overwritten', () => {
  const data = mkdtempSync(join(tmpdir(), 'tsubo-settings-'));
  try {
    expect(savedInstallation(data)).toBeUndefined();
    mkdirSync(join(data, 'etc'));
    writeFileSync(installationFile(data), '{"clone":');
    expect(() => savedInstallation(data)).toThrow(/cannot be read/);
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
});

test.each([
  ['an origin without TLS on another name', { TSUBO_ORIGIN: 'http://panel.example' }, /TSUBO_ORIGIN=.*must be https/],
  ['an origin with a path', { TSUBO_ORIGIN: 'https://panel.example/x' }, /TSUBO_ORIGIN=.*scheme, name and port/],
  ['a port that root alone may take', { TSUBO_PORT: '443' }, /TSUBO_PORT=443: nginx runs as tsubo-web/],
  ['one port twice', { TSUBO_WORKER_PORT: '3099' }, /TSUBO_WORKER_PORT \+ 1 and TSUBO_APP_PORT are both 3100/],
  ['a certificate without its key', { TSUBO_ORIGIN: 'https://x', TSUBO_TLS_CERT: '/c' }, /belong together/],
  [
    'a certificate that is not there',
    { TSUBO_ORIGIN: 'https://x', TSUBO_TLS_CERT: '/c', TSUBO_TLS_KEY: '/k' },
    /no such/,
  ],
  ['what the agent would refuse', { TSUBO_BRIDGE_V4: '10.0.0.1' }, /TSUBO_BRIDGE_V4/],
  [
    'a database URL without a database',
    { DATABASE_URL: 'postgresql://a:b@c' },
    /DATABASE_URL cannot be used: names no/,
  ],
])('%s is said before anything is done', (_, env, words) => {
  expect(() => readSettings({ ...(env as object) })).toThrow(words);
});

test('the port of the origin is the one that nginx takes, unless another one is named', () => {
  const TSUBO_ORIGIN = 'https://panel.example:8443';
  expect(readSettings({ TSUBO_ORIGIN }).TSUBO_PORT).toBe(8443);
  expect(readSettings({ TSUBO_ORIGIN, TSUBO_PORT: '9000' }).TSUBO_PORT).toBe(9000);
  expect(readSettings({ TSUBO_ORIGIN }, { TSUBO_PORT: 8080 }).TSUBO_PORT).toBe(8443);
  expect(readSettings({ TSUBO_ORIGIN }, { TSUBO_PORT: 9000, TSUBO_ORIGIN }).TSUBO_PORT).toBe(9000);
});

test('guests may reach the panel where it listens for all, unless somebody says otherwise', () => {
  const told = (env: Record<string, string>) => agentVariables(readSettings(env)).TSUBO_PANEL_PORT;
  expect(told({})).toBe('');
  expect(told({ TSUBO_ORIGIN: 'https://panel.example:8443' })).toBe('8443');
  expect(told({ TSUBO_ORIGIN: 'https://panel.example:8443', TSUBO_PANEL_PORT: 'none' })).toBe('');
  expect(told({ TSUBO_PANEL_PORT: '443' })).toBe('443');
});

test('a name that looks like a setting and is none is told', () => {
  expect(unknownSettings({ TSUBO_PORT: '1', TSUBO_PROT: '2', TSUBO_DATA: '/x', PATH: '/bin' })).toEqual(['TSUBO_PROT']);
});
