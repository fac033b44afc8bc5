/**
 * Process groups by way of /proc.
 *
 * Each supervised process leads a group of its own (its group id is its pid), so that everything it forked can
 * be ended with it: after a `kill -9` of nginx's master, its worker goes on and holds the port.
 *
 * A group is named in a pid file by its leader's pid, start time and the boot of the machine. The kernel does not
 * give out a pid again while a group still bears it, so within that boot a group with this id is ours unless its
 * leader is alive with another start time (the pid was reused after our whole group had gone), or a member is older
 * than the leader. After a reboot low pids come round at once: what an older boot's file names is nobody.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export type Leader = {
  pid: number;
  /** Clock ticks since boot, as /proc says it. */
  startTime: string;
  /** The kernel's id of the boot, to which both belong. */
  boot: string;
};

type Stat = { pid: number; state: string; group: number; startTime: string };

export const thisBoot = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

function statOf(pid: number): Stat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The second field is the command's name in brackets, and may hold spaces and brackets itself.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { pid, state: fields[0] ?? '?', group: Number(fields[2]), startTime: fields[19] ?? '' };
}

/** All processes that still do something: a zombie only waits for its parent. */
function living(): Stat[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => statOf(Number(name)) ?? [])
    .filter((stat) => stat.state !== 'Z' && stat.state !== 'X');
}

/** The process as a leader to remember; undefined when it has ended. */
export function leaderOf(pid: number): Leader | undefined {
  const stat = statOf(pid);
  return stat && stat.state !== 'Z' ? { pid, startTime: stat.startTime, boot: thisBoot() } : undefined;
}

export function isAlive(leader: Leader): boolean {
  const stat = statOf(leader.pid);
  return stat !== undefined && stat.state !== 'Z' && stat.startTime === leader.startTime && leader.boot === thisBoot();
}

/** A folder, and whose processes in it are meant: the operator's shell may stand there, too. */
type Place = { folder: string; uid: number };

/**
 * What belongs to a leader: its group, and, where a place is given, every process of that user that works in that
 * folder (PostgreSQL's processes each make a session of their own, but all stand in the data folder).
 */
export function membersOf(leader: Leader | undefined, place?: Place): number[] {
  const ours = leader && bearsItsGroup(leader) ? leader : undefined;
  return living()
    .filter((stat) => (ours && isOf(stat, ours)) || (place && worksIn(stat.pid, place)))
    .map((stat) => stat.pid);
}

/** Whether a group with this id, if there is one, can only be this leader's. */
function bearsItsGroup(leader: Leader): boolean {
  if (leader.boot !== thisBoot()) return false;
  const bearer = statOf(leader.pid);
  return bearer === undefined || bearer.state === 'Z' || bearer.startTime === leader.startTime;
}

const isOf = (stat: Stat, leader: Leader): boolean =>
  stat.group === leader.pid && BigInt(stat.startTime) >= BigInt(leader.startTime);

function worksIn(pid: number, { folder, uid }: Place): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === folder && realUid(pid) === uid;
  } catch {
    return false;
  }
}

function realUid(pid: number): number {
  return Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? -1);
}

export type Ending = {
  leader: Leader | undefined;
  place?: Place | undefined;
  /** Asked of the leader, so that it ends its children in its own order. */
  signal: NodeJS.Signals;
  graceMs: number;
};

/** Asks the leader to end, then kills what is left of the group; returns when nothing is left. */
export async function endGroup({ leader, place, signal, graceMs }: Ending): Promise<void> {
  if (leader && isAlive(leader)) {
    send(leader.pid, signal);
    await until(() => !isAlive(leader), graceMs);
    // What it did not take along gets no more than a moment.
    await until(() => membersOf(leader, place).length === 0, 200);
  }
  // A stopped process (SIGSTOP) does not see the polite signal, but dies by this one.
  for (let round = 0; round < 20; round++) {
    const left = membersOf(leader, place);
    if (left.length === 0) return;
    for (const pid of left) send(pid, 'SIGKILL');
    await sleep(50);
  }
  throw new Error(`processes ${membersOf(leader, place).join(', ')} do not end, not even by SIGKILL`);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function until(done: () => boolean, limitMs: number): Promise<void> {
  const end = performance.now() + limitMs;
  while (!done() && performance.now() < end) await sleep(25);
}
