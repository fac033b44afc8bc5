/** What the kernel says of processes: the time they took of processors, and the memory they have. */
import { readdirSync, readFileSync } from 'node:fs';

/** null: it is gone. */
function parentOf(pid: number): number | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in brackets, may hold anything. After it: state, parent.
    return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return null;
  }
}

/** Of all its threads. stat's clock would do, but has steps of 10 ms. */
function nanoseconds(pid: number): number {
  return readdirSync(`/proc/${pid}/task`)
    .map((thread) => readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8'))
    .reduce((sum, text) => sum + Number(text.split(' ')[0]), 0);
}

/** Of these and all that they have started and that are there still, user and system. */
export function cpuMs(roots: readonly number[]): number {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => [Number(name), parentOf(Number(name))] as const);
  const family = new Set(roots);
  for (let before = 0; before < family.size; ) {
    before = family.size;
    for (const [pid, parent] of parents) if (parent !== null && family.has(parent)) family.add(pid);
  }
  return [...family].reduce((sum, pid) => sum + nanoseconds(pid), 0) / 1_000_000;
}

export function rssKib(pids: readonly number[]): number {
  const of = (pid: number) => Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  return pids.reduce((sum, pid) => sum + of(pid), 0);
}
