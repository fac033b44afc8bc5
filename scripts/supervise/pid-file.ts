/** `run/<name>.pid`: the leader's pid in the first line (for people and tools), its start time and its boot below. */
import { readdirSync, readFileSync, readlinkSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Leader, leaderOf, thisBoot } from './groups.ts';

export function writePidFile(path: string, leader: Leader): void {
  // Whole or not at all: from half a file nobody would know what to end.
  const half = `${path}.new`;
  writeFileSync(half, `${leader.pid}\n${leader.startTime}\n${leader.boot}\n`);
  renameSync(half, path);
}

/** The leader that was written there, living or not; undefined when there is none. */
export function readPidFile(path: string): Leader | undefined {
  const [first, startTime = '', named = ''] = readLines(path);
  const pid = Number(first);
  if (!Number.isInteger(pid) || pid < 1 || !/^\d+$/.test(startTime)) return undefined;
  // A supervisor from before the boot stood there writes two lines, and stays the old one through an upgrade.
  const boot = named || (writtenSinceBoot(path) ? thisBoot() : undefined);
  return boot === undefined ? undefined : { pid, startTime, boot };
}

function writtenSinceBoot(path: string): boolean {
  const booted = Number(
    readLines('/proc/stat')
      .find((line) => line.startsWith('btime '))
      ?.split(' ')[1],
  );
  return (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) >= booted * 1000;
}

export function removePidFile(path: string): void {
  rmSync(path, { force: true });
}

/**
 * Other programs' pid files hold the pid alone, and stay when their writer dies: the process that bears it now, if
 * it runs `command` and sees the machine as we do (a file may also name a pid of a container, or of a test's
 * namespaces).
 */
export function foreignLeader(path: string, command: string): Leader | undefined {
  const pid = Number(readLines(path)[0]);
  if (!Number.isInteger(pid) || pid < 2 || !runs(pid, command) || !shares('mnt', pid)) return undefined;
  return leaderOf(pid);
}

/**
 * Whether any pid file in the folder names a living process that runs `command`, among the processes that we number.
 * libvirt gives each QEMU a /dev, and so a mount namespace, of its own.
 */
export function anyAlive(folder: string, command: string): boolean {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return false;
  }
  return names.some((name) => {
    const pid = name.endsWith('.pid') ? Number(readLines(join(folder, name))[0]) : 0;
    return pid > 1 && runs(pid, command) && shares('pid', pid) && leaderOf(pid) !== undefined;
  });
}

/** The kernel keeps 15 characters of a command's name. */
function runs(pid: number, command: string): boolean {
  return readLines(`/proc/${pid}/comm`)[0] === command.slice(0, 15);
}

function shares(namespace: 'mnt' | 'pid', pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/ns/${namespace}`) === readlinkSync(`/proc/self/ns/${namespace}`);
  } catch {
    return false;
  }
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch {
    return [];
  }
}
