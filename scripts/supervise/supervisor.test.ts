import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isAlive, type Leader, leaderOf, membersOf } from './groups.ts';
import { readPidFile } from './pid-file.ts';
import { Supervisor } from './supervisor.ts';
import type { ProcessSpec } from './table.ts';

let data: string;
let supervisor: ChildProcess;

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'tsubo-supervise-'));
  for (const folder of ['run', 'log', 'guests']) mkdirSync(join(data, folder));
});

afterEach(async () => {
  supervisor?.kill('SIGKILL');
  rmSync(join(data, 'guests'), { recursive: true, force: true });
  await new Supervisor(data, () => {}).reap();
  rmSync(data, { recursive: true, force: true });
});

/** A leader with a child in its group. */
function spec(name: string, more: Partial<ProcessSpec> = {}): ProcessSpec {
  return {
    name,
    command: '/bin/sh',
    args: ['-c', 'sleep 1000 & echo started; wait'],
    cwd: '/',
    env: { PATH: '/usr/bin:/bin' },
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
    stopSignal: 'SIGTERM',
    stopWithinMs: 300,
    version: '1',
    ...more,
  };
}

const write = (table: ProcessSpec[]) => writeFileSync(join(data, 'run/processes.json'), JSON.stringify(table));
const leader = (name: string) => readPidFile(join(data, 'run', `${name}.pid`));

function startSupervisor(): void {
  supervisor = spawn(process.execPath, [join(import.meta.dirname, '../supervise.ts'), data], { stdio: 'ignore' });
}

async function until<T>(look: () => T | undefined | false, what: string): Promise<T> {
  for (let waited = 0; waited < 10_000; waited += 20) {
    const seen = look();
    if (seen) return seen;
    await sleep(20);
  }
  throw new Error(`not seen in 10 s: ${what}`);
}

/** Running, with its child. */
const running = (name: string, not?: Leader) =>
  until(() => {
    const found = leader(name);
    return found && found.pid !== not?.pid && membersOf(found).length === 2 ? found : undefined;
  }, `${name} running`);

test('a killed leader is restarted, and its old group is gone first', async () => {
  write([spec('one')]);
  startSupervisor();
  const first = await running('one');
  process.kill(first.pid, 'SIGKILL');
  await running('one', first);
  expect(membersOf(first)).toEqual([]);
});

test('SIGHUP restarts what has another version, starts what is new, ends what has gone, leaves the rest', async () => {
  write([spec('stays'), spec('changes'), spec('goes')]);
  startSupervisor();
  const [stays, changes, goes] = [await running('stays'), await running('changes'), await running('goes')];
  write([spec('stays'), spec('changes', { version: '2' }), spec('comes')]);
  supervisor.kill('SIGHUP');
  await running('comes');
  await running('changes', changes);
  expect(isAlive(stays)).toBe(true);
  expect(leader('stays')).toEqual(stays);
  expect(membersOf(goes)).toEqual([]);
  expect(leader('goes')).toBeUndefined();
});

test('SIGTERM ends everything, also a process that is stopped or does not listen', async () => {
  write([spec('frozen'), spec('deaf', { args: ['-c', 'trap "" TERM; sleep 1000 & wait; sleep 1000'] })]);
  startSupervisor();
  const [frozen, deaf] = [await running('frozen'), await running('deaf')];
  process.kill(frozen.pid, 'SIGSTOP');
  supervisor.kill('SIGTERM');
  await until(() => supervisor.exitCode === 0, 'the supervisor ended');
  expect([...membersOf(frozen), ...membersOf(deaf)]).toEqual([]);
});

test('what a killed supervisor left is ended by the next one before it starts anew', async () => {
  write([spec('one')]);
  startSupervisor();
  const first = await running('one');
  supervisor.kill('SIGKILL');
  await sleep(300);
  expect(isAlive(first)).toBe(true);
  startSupervisor();
  await running('one', first);
  expect(membersOf(first)).toEqual([]);
});

test('what a killed supervisor left can be ended without starting anything', async () => {
  write([spec('one')]);
  startSupervisor();
  const first = await running('one');
  supervisor.kill('SIGKILL');
  await new Supervisor(data, () => {}).reap();
  expect(membersOf(first)).toEqual([]);
  expect(leader('one')).toBeUndefined();
});

test('a process that is kept for the guests survives a stop, and is taken over', async () => {
  // As libvirt starts a QEMU.
  const guest = spawn('/usr/bin/unshare', ['--mount', '/bin/sleep', '1000'], { stdio: 'ignore' });
  writeFileSync(join(data, 'guests/guest.pid'), String(guest.pid));
  write([spec('virtlogd', { keepWhileAlive: { folder: join(data, 'guests'), command: 'sleep' } })]);
  startSupervisor();
  const first = await running('virtlogd');
  supervisor.kill('SIGTERM');
  await until(() => supervisor.exitCode === 0, 'the supervisor ended');
  expect(isAlive(first)).toBe(true);
  startSupervisor();
  await until(() => leader('supervisor')?.pid === supervisor.pid, 'claimed');
  await sleep(300);
  expect(leader('virtlogd')).toEqual(first);
  process.kill(first.pid, 'SIGKILL');
  await running('virtlogd', first);
  guest.kill('SIGKILL');
});

test('a pid file that its writer left, with a pid that another program bears now, means nothing', async () => {
  writeFileSync(join(data, 'foreign.pid'), `${process.pid}\n`);
  writeFileSync(join(data, 'guests/guest.pid'), String(process.pid));
  write([
    spec('libvirtd', {
      sharedPidFile: join(data, 'foreign.pid'),
      keepWhileAlive: { folder: join(data, 'guests'), command: 'qemu-system-x86_64' },
    }),
  ]);
  startSupervisor();
  const first = await running('libvirtd');
  supervisor.kill('SIGTERM');
  await until(() => supervisor.exitCode === 0, 'the supervisor ended');
  expect(membersOf(first)).toEqual([]);
});

test('a process of somebody else is used, neither started twice nor ended', async () => {
  const foreign = spawn('/bin/sleep', ['1000'], { stdio: 'ignore' });
  writeFileSync(join(data, 'foreign.pid'), `${foreign.pid}\n`);
  write([spec('libvirtd', { command: '/bin/sleep', sharedPidFile: join(data, 'foreign.pid') }), spec('after')]);
  startSupervisor();
  await running('after');
  expect(leader('libvirtd')).toBeUndefined();
  supervisor.kill('SIGTERM');
  await until(() => supervisor.exitCode === 0, 'the supervisor ended');
  expect(leaderOf(foreign.pid!)).toBeDefined();
  foreign.kill('SIGKILL');
});

test('a second supervisor of the same folder refuses', async () => {
  write([]);
  startSupervisor();
  await until(() => readPidFile(join(data, 'run/supervisor.pid')), 'claimed');
  expect(() => new Supervisor(data, () => {}).claim()).toThrow(/runs already/);
});

test('a process that cannot be started keeps none behind it, and is tried until it can', async () => {
  mkdirSync(join(data, 'log/first.log'));
  write([spec('first'), spec('second')]);
  startSupervisor();
  await running('second');
  expect(leader('first')).toBeUndefined();
  rmSync(join(data, 'log/first.log'), { recursive: true });
  await running('first');
});

test('a process whose pid file cannot be written is looked after all the same', async () => {
  mkdirSync(join(data, 'run/one.pid.new'));
  write([spec('one', { args: ['-c', 'echo started; exec sleep 0.3'] }), spec('two')]);
  startSupervisor();
  await running('two');
  const starts = () => readFileSync(join(data, 'log/one.log'), 'utf8').split('started').length - 1;
  await until(() => starts() >= 3, 'started again');
  rmSync(join(data, 'run/one.pid.new'), { recursive: true });
  await until(() => leader('one'), 'pid file');
});

test('one that is to run once is started again until it ends well, and then only as another version', async () => {
  const runs = join(data, 'runs');
  const once = (version: string): ProcessSpec =>
    spec('once', {
      once: true,
      version,
      args: ['-c', `echo run >>${runs}; [ $(wc -l <${runs}) != 1 ]`],
    });
  const count = () => readFileSync(runs, 'utf8').split('\n').length - 1;
  write([once('1')]);
  startSupervisor();
  await until(() => existsSync(runs) && count() === 2 && leader('once') === undefined, 'a second run, which ends well');
  await sleep(1_000);
  expect(count()).toBe(2);
  write([once('2')]);
  supervisor.kill('SIGHUP');
  await until(() => count() === 3, 'a run of another version');
});
