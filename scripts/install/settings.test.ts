import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { installationFile } from './layout.ts';
import { originOf, readSettings, savedInstallation } from './settings.ts';

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
  expect(() => readSettings({ [name]: value })).toThrow(`${name}="${value}"`);
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
