import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../server/testing/database.ts';
import { leaderOf } from '../supervise/groups.ts';
import { writePidFile } from '../supervise/pid-file.ts';
import { type Layout, layoutOf } from './layout.ts';
import { switchRelease } from './release.ts';
import { readSettings } from './settings.ts';
import { describeHost, describeInstallation } from './status.ts';

let layout: Layout;
let database: TestDatabase;
beforeEach(async () => {
  layout = layoutOf(mkdtempSync(join(tmpdir(), 'tsubo-status-')));
  for (const folder of [layout.etc, layout.run, layout.releases]) mkdirSync(folder);
  database = await createTestDatabase();
  writeFileSync(layout.env('admin'), `DATABASE_URL='${database.url}'\n`);
});
afterEach(async () => {
  await database.drop();
  rmSync(layout.data, { recursive: true });
});

const spec = (name: string) => ({
  name,
  command: '/bin/true',
  args: [],
  cwd: '/',
  env: {},
  uid: 0,
  gid: 0,
  stopSignal: 'SIGTERM',
  stopWithinMs: 0,
  version: '1',
});

test('each process, and each host, in words', async () => {
  const health = createServer((_, response) => response.end('{"ok":true,"release":"old"}'));
  await new Promise<void>((resolve) => health.listen(0, '127.0.0.1', resolve));
  const settings = readSettings({ TSUBO_APP_PORT: String((health.address() as AddressInfo).port) });
  await switchRelease(layout, 'new', async () => {});
  expect(await describeInstallation(layout, settings)).toMatchObject({
    running: false,
    lines: [`stopped  http://localhost:8080  ${layout.data}`, '  release    new (ran last)'],
  });

  for (const name of ['supervisor', 'postgres', 'app'])
    writePidFile(join(layout.run, `${name}.pid`), leaderOf(process.pid)!);
  writeFileSync(layout.processes, JSON.stringify(['postgres', 'app', 'agent'].map(spec)));
  await database.db.zone.create({ data: { id: 'z', nameJa: 'z', nameEn: 'z' } });
  const host = { id: 'h', zoneId: 'z', name: 'kvm1', agentUrl: 'https://x', joinedAt: new Date() };
  await database.db.host.create({ data: { ...host, lastContactAt: new Date(Date.now() - 10_000) } });
  const { lines, running, well } = await describeInstallation(layout, settings);
  health.close();
  expect({ running, well }).toEqual({ running: true, well: false });
  expect(lines.slice(2)).toEqual([
    `  postgres   runs (pid ${process.pid})`,
    `  app        well (pid ${process.pid}), but of release old`,
    '  agent      does not run; the supervisor tries again (log/agent.log)',
    expect.stringMatching(/^ {2}host {7}kvm1: last heard 1\d s ago$/),
  ]);
});

test('a host that is silent, or was never heard', () => {
  const host = { name: 'kvm1', ago: 400, lastError: 'no answer: refused', acceptsNew: false, revoked: false };
  expect(describeHost(host)).toBe('kvm1: silent for 7 min; takes no new servers; no answer: refused');
  expect(describeHost({ ...host, ago: null, lastError: null, acceptsNew: true })).toBe('kvm1: never heard of yet');
  expect(describeHost({ ...host, revoked: true })).toContain('kvm1: revoked');
});
