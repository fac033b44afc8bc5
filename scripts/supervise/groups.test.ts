import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { endGroup, leaderOf, membersOf } from './groups.ts';

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
