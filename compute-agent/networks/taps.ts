/**
 * The guests' ends on the bridge. Taps outlive a bridge that somebody deletes, and belong to none then: their guests
 * run on without a network, and libvirt does not notice.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Run } from './bridge.ts';

const TAP = /^v([a-z2-7]{10})-[0-7]$/;
/** libvirt makes a tap and puts it on the bridge a moment later; a tap that we had put there by then fails its start. */
const STARTS_WITHIN_MS = 1_000;

const links = z.array(z.object({ ifname: z.string(), ifindex: z.int(), master: z.string().optional() }));
type Link = z.infer<typeof links>[number];

async function listTaps(run: Run): Promise<Link[]> {
  const { stdout } = await run('ip', ['-j', 'link', 'show']);
  return links.parse(JSON.parse(stdout)).filter(({ ifname }) => TAP.test(ifname));
}

/** Names of the guests' taps that are on the bridge. */
export async function tapsOn(run: Run, bridge: string): Promise<string[]> {
  return (await listTaps(run)).filter(({ master }) => master === bridge).map(({ ifname }) => ifname);
}

/** Puts back what is on no bridge, of these servers only: others may be another installation's. */
export async function restoreTaps(
  run: Run,
  bridge: string,
  servers: ReadonlySet<string>,
): Promise<{ restored: string[]; failed: string[] }> {
  const loose = async () =>
    (await listTaps(run)).filter(
      ({ ifname, master }) => master === undefined && servers.has(TAP.exec(ifname)?.[1] ?? ''),
    );
  const first = new Set((await loose()).map(({ ifindex }) => ifindex));
  const [restored, failed]: [string[], string[]] = [[], []];
  if (first.size === 0) return { restored, failed };
  await sleep(STARTS_WITHIN_MS);
  for (const { ifname } of (await loose()).filter(({ ifindex }) => first.has(ifindex))) {
    try {
      await run('ip', ['link', 'set', 'dev', ifname, 'master', bridge]);
      await run('bridge', ['link', 'set', 'dev', ifname, 'isolated', 'on']);
      restored.push(ifname);
    } catch {
      failed.push(ifname);
    }
  }
  return { restored, failed };
}
