/** `run/<name>.pid`: the leader's pid in the first line (for people and tools), its start time in the second. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, type Leader, leaderOf } from './groups.ts';

export function writePidFile(path: string, leader: Leader): void {
  writeFileSync(path, `${leader.pid}\n${leader.startTime}\n`);
}

/** The leader that was written there, living or not; undefined when there is none. */
export function readPidFile(path: string): Leader | undefined {
  const lines = readLines(path);
  const pid = Number(lines[0]);
  return lines[1] && Number.isInteger(pid) && pid > 0 ? { pid, startTime: lines[1] } : undefined;
}

export function removePidFile(path: string): void {
  rmSync(path, { force: true });
}

/** Other programs' pid files hold the pid alone: the process that bears it now, if any. */
export function foreignLeader(path: string): Leader | undefined {
  const pid = Number(readLines(path)[0]);
  return Number.isInteger(pid) && pid > 0 ? leaderOf(pid) : undefined;
}

/** Whether any pid file in the folder names a living process. */
export function anyAlive(folder: string): boolean {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return false;
  }
  return names.some((name) => {
    const leader = name.endsWith('.pid') ? foreignLeader(join(folder, name)) : undefined;
    return leader !== undefined && isAlive(leader);
  });
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch {
    return [];
  }
}
