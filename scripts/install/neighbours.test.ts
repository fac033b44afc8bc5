import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { METADATA_NAMESPACE } from '../../compute-agent/domains/parse.ts';
import { leaderOf } from '../supervise/groups.ts';
import { writePidFile } from '../supervise/pid-file.ts';
import { installationFile, layoutOf } from './layout.ts';
import { requireOwnPlace } from './neighbours.ts';
import { readSettings } from './settings.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsubo-neighbours-'));
  for (const name of ['one/run', 'one/etc', 'two/run', 'domains']) mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(installationFile(data('one')), JSON.stringify({ clone: '/c', settings: readSettings({}) }));
});
afterEach(() => rmSync(folder, { recursive: true }));

const data = (name: string) => join(folder, name);
const place = (name: string, env: Record<string, string> = {}) =>
  requireOwnPlace(layoutOf(data(name)), readSettings(env), join(folder, 'list'), join(folder, 'domains'));
const start = () => writePidFile(join(data('one'), 'run/supervisor.pid'), leaderOf(process.pid)!);

const NETWORK = {
  TSUBO_BRIDGE: 'tsubo1',
  TSUBO_BRIDGE_MAC: '52:54:00:78:00:01',
  TSUBO_BRIDGE_V4: '10.78.0.1/24',
  TSUBO_BRIDGE_V6: 'fd77:7473:7563::1/64',
  TSUBO_AGENT_RUN: '/run/tsubo2',
};
const PORTS = {
  TSUBO_PORT: '8180',
  TSUBO_APP_PORT: '3110',
  TSUBO_WORKER_PORT: '3211',
  TSUBO_CONSOLE_PORT: '3310',
  TSUBO_SSH_PORT: '2232',
  TSUBO_PG_PORT: '54339',
  TSUBO_AGENT_PORT: '9453',
  TSUBO_AGENT_HEALTH_PORT: '9454',
};

test('beside one that runs all has to be another; beside one that is stopped nothing', () => {
  place('one');
  place('two');
  start();
  place('one');
  expect(() => place('two')).toThrow(
    `${data('one')} runs on this machine, and has these as well: TSUBO_BRIDGE=tsubo0, TSUBO_BRIDGE_MAC=`,
  );
  expect(() => place('two', NETWORK)).toThrow(/as well: TSUBO_PORT=8080, TSUBO_APP_PORT=3100/);
  expect(() => place('two', { ...NETWORK, ...PORTS, TSUBO_WORKER_PORT: '3202' })).toThrow(/: TSUBO_WORKER_PORT=3202\./);
  expect(() => place('two', { ...NETWORK, ...PORTS, TSUBO_BRIDGE_V4: '10.77.0.200/16' })).toThrow(/TSUBO_BRIDGE_V4=/);
  place('two', { ...NETWORK, ...PORTS });
});

test('servers keep their network, whether the installation runs or not; domains of other programs do not', () => {
  const domain = (name: string, metadata: string) =>
    writeFileSync(
      join(folder, 'domains', `${name}.xml`),
      `<domain><metadata>${metadata}</metadata><disk><source file='${data('one')}/agent/volumes/x/y.qcow2'/></disk></domain>`,
    );
  domain('stranger', '');
  place('two');
  domain('server', `<tsubo:server xmlns:tsubo="${METADATA_NAMESPACE}"/>`);
  place('one');
  expect(() => place('two')).toThrow(/has servers on this machine, and has these as well: TSUBO_BRIDGE=tsubo0/);
  place('two', NETWORK);
});
