/**
 * Whether the rules that libvirt makes from a filter are still in the kernel. `nft flush ruleset`, or a restarted
 * firewall script, removes those of every guest without a word, and nobody notices until one of them abuses it.
 * libvirt makes them again on SIGHUP.
 */
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Run } from './bridge.ts';
import { findProcesses, isBeside, signal } from './processes.ts';

/** The daemons that may hold nwfilter: libvirtd, or the part of a divided one. */
const DAEMONS = ['libvirtd', 'virtnwfilterd'];

/** Those of the taps whose frames no rule watches. */
export async function unfilteredTaps(run: Run, taps: readonly string[]): Promise<string[]> {
  if (taps.length === 0) return [];
  // Not `ebtables -L`: while libvirt changes rules beside it, that program fails, in the middle of a change of its own.
  const { stdout } = await run('nft', ['-s', 'list', 'table', 'bridge', 'nat'], { ok: [0, 1] });
  const chains = parseChains(stdout);
  return taps.filter((tap) => !isFiltered(chains, tap));
}

/** Chain → its rules, from `nft list table`. */
export function parseChains(text: string): Map<string, string[]> {
  const chains = new Map<string, string[]>();
  let rules: string[] | undefined;
  for (const line of text.split('\n').map((each) => each.trim())) {
    const chain = /^chain "?([^" ]+)"? \{$/.exec(line);
    if (chain) {
      rules = [];
      chains.set(chain[1] as string, rules);
    } else if (line === '}') rules = undefined;
    else if (line !== '' && !line.startsWith('type ')) rules?.push(line);
  }
  return chains;
}

/** From the guest is what counts for others: the jump must be there and lead to rules. */
function isFiltered(chains: Map<string, string[]>, tap: string): boolean {
  const jump = (chains.get('PREROUTING') ?? []).find((rule) => rule.startsWith(`iifname "${tap}" `));
  const target = jump && /\bjump "?([^" ]+)"?$/.exec(jump)?.[1];
  return target !== undefined && (chains.get(target)?.length ?? 0) > 0;
}

/** Asks libvirt to make its rules again. Whether a daemon was found. */
export async function reloadLibvirt(): Promise<boolean> {
  const daemons = await findProcesses(({ argv }) => DAEMONS.includes(basename(argv[0] ?? '')));
  let told = false;
  for (const { pid } of daemons) if (await isBeside(pid)) told = signal(pid, 'SIGHUP') || told;
  return told;
}

/** Waits until all taps are filtered again; those that are not at the end. */
export async function untilFiltered(run: Run, taps: readonly string[], deadlineMs: number): Promise<string[]> {
  let left = await unfilteredTaps(run, taps);
  for (let waited = 0; left.length > 0 && waited < deadlineMs; waited += 200) {
    await sleep(200);
    left = await unfilteredTaps(run, left);
  }
  return left;
}
