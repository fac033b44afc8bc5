import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { METADATA_NAMESPACE } from '../../compute-agent/domains/parse.ts';
import { leaderOf } from '../supervise/groups.ts';
import { writePidFile } from '../supervise/pid-file.ts';
import { layoutOf } from './layout.ts';
import { claimMachine } from './owner.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsubo-owner-'));
  for (const name of ['one/run', 'two/run', 'domains']) mkdirSync(join(folder, name), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

const data = (name: string) => join(folder, name);
const claim = (name: string) => claimMachine(layoutOf(data(name)), join(folder, 'mark'), join(folder, 'domains'));

test('while one installation runs no other has the machine; afterwards it may', () => {
  claim('one');
  const pidFile = join(data('one'), 'run/supervisor.pid');
  writePidFile(pidFile, leaderOf(process.pid)!);
  claim('one');
  expect(() => claim('two')).toThrow(`The installation in ${data('one')} runs on this machine`);
  rmSync(pidFile);
  claim('two');
  expect(readFileSync(join(folder, 'mark'), 'utf8')).toBe(`${data('two')}\n`);
});

test('servers of another installation keep the machine, running or not; domains of other programs do not', () => {
  const domain = (name: string, metadata: string) =>
    writeFileSync(
      join(folder, 'domains', `${name}.xml`),
      `<domain><metadata>${metadata}</metadata><disk><source file='${data('one')}/agent/volumes/x/y.qcow2'/></disk></domain>`,
    );
  domain('stranger', '');
  claim('two');
  domain('server', `<tsubo:server xmlns:tsubo="${METADATA_NAMESPACE}"/>`);
  claim('one');
  expect(() => claim('two')).toThrow(`servers of another installation (${data('one')})`);
});
