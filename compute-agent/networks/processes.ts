/** Processes of this machine, as /proc shows them: the agent finds its dnsmasq and libvirtd again after a restart. */
import { readdir, readFile, readlink } from 'node:fs/promises';

export interface Process {
  pid: number;
  argv: string[];
}

/** Those for which `wanted` says so. A process that ends meanwhile is not among them. */
export async function findProcesses(wanted: (process: Process) => boolean): Promise<Process[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map(readProcess));
  return found.filter((process): process is Process => process !== null && wanted(process));
}

export async function readProcess(pid: number): Promise<Process | null> {
  try {
    // Empty for kernel threads and zombies.
    const argv = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0').slice(0, -1);
    return argv.length === 0 ? null : { pid, argv };
  } catch {
    return null;
  }
}

/** In the same network and mount namespace as we: what runs in a container or a test's namespaces is not ours. */
export async function isBeside(pid: number): Promise<boolean> {
  try {
    for (const kind of ['net', 'mnt']) {
      if ((await readlink(`/proc/${pid}/ns/${kind}`)) !== (await readlink(`/proc/self/ns/${kind}`))) return false;
    }
    return true;
  } catch {
    return false;
  }
}

/** Whether it was there to take the signal. */
export function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false;
  }
}
