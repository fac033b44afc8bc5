/**
 * dnsmasq, which the agent starts as a daemon for the guests' bridge: it outlives the agent, and guests that
 * keep running need it (leases, router advertisements). Without a guest it goes when all else goes.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { anyAlive } from '../supervise/pid-file.ts';
import { readIfThere } from './files.ts';
import type { Layout } from './layout.ts';
import { GUESTS } from './libvirt.ts';

export function endDnsmasqWithoutGuests(layout: Layout): void {
  if (anyAlive(GUESTS.folder, GUESTS.command)) return;
  const folder = join(layout.agent, 'dnsmasq');
  for (const name of namesIn(folder).filter((each) => each.endsWith('.pid'))) {
    const pid = Number(readFileSync(join(folder, name), 'utf8'));
    // The pid may have been given to another program since.
    const commandLine = pid > 1 ? (readIfThere(`/proc/${pid}/cmdline`) ?? '') : '';
    if (commandLine.includes('dnsmasq') && commandLine.includes(`${folder}/`)) process.kill(pid, 'SIGTERM');
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
