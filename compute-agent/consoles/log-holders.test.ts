import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { LogHolders } from './log-holders.ts';

let folder: string;
let path: string;
let daemon: ChildProcess | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tsubo-holders-'));
  path = join(folder, 'serial.log');
  await writeFile(path, '');
});
afterEach(async () => {
  await kill();
  await rm(folder, { recursive: true });
});

/** A process of that name which holds the file. */
async function hold(name: string): Promise<void> {
  const program = join(folder, name);
  await symlink('/bin/sleep', program);
  const file = await open(path, 'a');
  daemon = spawn(program, ['60'], { stdio: ['ignore', file.fd, 'ignore'] });
  await once(daemon, 'spawn');
  await file.close();
}
async function kill(): Promise<void> {
  if (!daemon || daemon.exitCode !== null || daemon.signalCode !== null) return;
  daemon.kill('SIGKILL');
  await once(daemon, 'exit');
}
const held = () => new LogHolders(systemClock).isHeld(path);

it('sees that virtlogd holds a log, until it is killed', async () => {
  expect(await held()).toBe(false);
  await hold('virtlogd');
  expect(await held()).toBe(true);
  await kill();
  expect(await held()).toBe(false);
});

it('sees that it holds another file under that name', async () => {
  await hold('virtlogd');
  await rename(path, `${path}.0`);
  expect(await held()).toBe(false);
  await writeFile(path, '');
  expect(await held()).toBe(false);
});

it('asks nobody but virtlogd', async () => {
  await hold('tail');
  expect(await held()).toBe(false);
});
