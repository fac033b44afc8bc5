import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { endGroup, type Leader, leaderOf, membersOf } from './groups.ts';

let folder: string;
let child: ChildProcess;
const uid = process.getuid?.() ?? 0;

beforeEach(() => {
  folder = mkdtempSync(`${tmpdir()}/tsubo-groups-`);
  child = spawn('/bin/sleep', ['1000'], { cwd: folder, stdio: 'ignore', detached: true });
});
afterEach(() => {
  child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

test('what works in the folder belongs to it only if it is the same user’s', async () => {
  expect(membersOf(undefined, { folder, uid })).toEqual([child.pid]);
  const place = { folder, uid: uid + 1 };
  expect(membersOf(undefined, place)).toEqual([]);
  await endGroup({ leader: undefined, place, signal: 'SIGTERM', graceMs: 0 });
  expect(leaderOf(child.pid!)).toBeDefined();
  await endGroup({ leader: undefined, place: { folder, uid }, signal: 'SIGTERM', graceMs: 0 });
  await sleep(50);
  expect(leaderOf(child.pid!)).toBeUndefined();
});

test('a group whose leader has died is still ours', async () => {
  const { leader, orphan } = await leaderlessGroup();
  expect(membersOf(leader)).toEqual([orphan]);
  await endGroup({ leader, signal: 'SIGTERM', graceMs: 0 });
  expect(membersOf(leader)).toEqual([]);
});

test('a stranger’s group under the pid of a stale file is left alone', async () => {
  const { leader, orphan } = await leaderlessGroup();
  for (const stale of [
    { ...leader, boot: 'the boot before this one' },
    // Nobody can be in a group before its leader is there.
    { ...leader, startTime: String(BigInt(leader.startTime) + 1_000_000n) },
  ]) {
    expect(membersOf(stale)).toEqual([]);
    await endGroup({ leader: stale, signal: 'SIGTERM', graceMs: 0 });
  }
  expect(leaderOf(orphan)).toBeDefined();
  await endGroup({ leader, signal: 'SIGTERM', graceMs: 0 });
});

/** What forks and goes leaves a group without its leader. */
async function leaderlessGroup(): Promise<{ leader: Leader; orphan: number }> {
  const shell = spawn('/bin/sh', ['-c', 'sleep 1000 & echo $!; read go'], { detached: true, stdio: 'pipe' });
  const orphan = await new Promise<number>((resolve) => shell.stdout.once('data', (line) => resolve(Number(line))));
  const leader = leaderOf(shell.pid!)!;
  const gone = new Promise((resolve) => shell.once('exit', resolve));
  shell.stdin.end('go\n');
  await gone;
  return { leader, orphan };
}
