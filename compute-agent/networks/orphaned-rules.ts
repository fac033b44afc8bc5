/**
 * Rules of a server's interfaces that libvirt left in the kernel: killed in the middle of a start, it comes back
 * without knowing of the chains that it had begun. Starting the same domain again clears most of them, and fails
 * over some ("Chain already exists"); removing the server clears none. The one place that writes into libvirt's
 * table, only chains of this server's own interfaces, and only when its domain is off or gone.
 */
import type { Run } from './bridge.ts';

const TABLE = ['bridge', 'nat'];

/** Whether there were any. */
export async function removeOrphanedRules(run: Run, serverId: string): Promise<boolean> {
  const { stdout } = await run('nft', ['-a', '-s', 'list', 'table', ...TABLE], { ok: [0, 1] });
  const commands = orphanCommands(stdout, serverId);
  if (commands.length === 0) return false;
  // One transaction: jumps into the chains first, then the rules between them, then they themselves.
  await run('nft', ['-f', '-'], { input: `${commands.join('\n')}\n` });
  return true;
}

/** From `nft -a list table`. */
export function orphanCommands(listing: string, serverId: string): string[] {
  // The whole name of an interface of this server, as it stands in the names of libvirt's chains.
  const mine = new RegExp(`(?:^|["-])v${serverId}-\\d`);
  const jumps: string[] = [];
  const chains: string[] = [];
  let chain = '';
  for (const line of listing.split('\n').map((text) => text.trim())) {
    const head = /^chain "?([^" ]+)"? \{/.exec(line);
    if (head) {
      chain = head[1] as string;
      if (mine.test(chain)) chains.push(chain);
      continue;
    }
    const handle = / # handle (\d+)$/.exec(line)?.[1];
    if (handle === undefined || mine.test(chain) || !mine.test(line)) continue;
    jumps.push(`delete rule ${TABLE.join(' ')} ${chain} handle ${handle}`);
  }
  const each = (verb: string) => chains.map((name) => `${verb} chain ${TABLE.join(' ')} ${name}`);
  return [...jumps, ...each('flush'), ...each('delete')];
}
