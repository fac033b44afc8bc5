/** What the kernel says of processes: the time they took of processors, and the memory they have. */
import { readdirSync, readFileSync } from 'node:fs';

/** Linux's USER_HZ, which is 100 wherever Debian runs. */
const MS_PER_TICK = 10;

type Stat = { pid: number; parent: number; ticks: number };

/** null: it is gone. */
function statOf(pid: number): Stat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in brackets, may hold anything. After it: state, parent, …; utime, stime, cutime, cstime are 14 to 17.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return { pid, parent: Number(fields[1]), ticks };
  } catch {
    return null;
  }
}

/** Of these and all that they have started, user and system, those that have ended since included. */
export function cpuMs(roots: readonly number[]): number {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => statOf(Number(name)) ?? []);
  const family = new Set(roots);
  for (let before = 0; before < family.size; ) {
    before = family.size;
    for (const { pid, parent } of all) if (family.has(parent)) family.add(pid);
  }
  return MS_PER_TICK * all.filter(({ pid }) => family.has(pid)).reduce((sum, { ticks }) => sum + ticks, 0);
}

export function rssKib(pids: readonly number[]): number {
  const of = (pid: number) => Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  return pids.reduce((sum, pid) => sum + of(pid), 0);
}
