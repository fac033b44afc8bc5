/**
 * The guests' bridge and the kernel's switches for it. Ports are isolated from each other (libvirt does that), so
 * guests meet only the host, which answers ARP for their neighbours (proxy_arp_pvlan) and routes between them.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import type { exec } from '../exec.ts';
import { canonical, linkLocal, parseCidr } from './addresses.ts';
import type { Lease } from './leases.ts';

export type Run = typeof exec;

export interface Bridge {
  name: string;
  v4: string;
  v6: string;
  mac: string;
}

/** Makes the bridge, or corrects the one that is there. Repeatable. */
export async function putBridge(run: Run, { name, v4, v6, mac }: Bridge): Promise<void> {
  const there = await run('ip', ['link', 'show', 'dev', name], { ok: [0, 1] });
  // The MAC is set by hand: a bridge takes the lowest of its ports' otherwise, and guests lose their gateway.
  if (there.code !== 0) {
    await run('ip', ['link', 'add', 'name', name, 'address', mac, 'type', 'bridge', 'stp_state', '0'], { ok: [0, 2] });
  }
  // Without snooping, neighbour discovery is always flooded to the ports; there is no querier here that would help.
  await run('ip', ['link', 'set', 'dev', name, 'type', 'bridge', 'forward_delay', '0', 'mcast_snooping', '0']);
  // Only where it differs: setting it, even to the same, throws all neighbour entries away.
  const { address } = z.object({ address: z.string() }).parse(await linkOf(run, name));
  if (address !== mac.toLowerCase()) await run('ip', ['link', 'set', 'dev', name, 'address', mac]);
  await putSwitches(name);
  await run('ip', ['address', 'replace', v4, 'dev', name]);
  // nodad: without a port the bridge has no carrier, and the address would stay tentative.
  await run('ip', ['-6', 'address', 'replace', v6, 'dev', name, 'nodad']);
  await run('ip', ['link', 'set', 'dev', name, 'up']);
}

/** Another bridge of the same name has another one; null where there is none. Not by /sys, which may be another network's. */
export async function indexOf(bridge: string): Promise<number | null> {
  const lines = (await readFile('/proc/self/net/if_inet6', 'utf8')).split('\n').map((line) => line.trim().split(/\s+/));
  const index = lines.find((fields) => fields[5] === bridge)?.[1];
  return index === undefined ? null : Number.parseInt(index, 16);
}

async function linkOf(run: Run, name: string): Promise<unknown> {
  const { stdout } = await run('ip', ['-j', 'link', 'show', 'dev', name]);
  return (JSON.parse(stdout) as unknown[])[0];
}

async function putSwitches(bridge: string): Promise<void> {
  const v4 = '/proc/sys/net/ipv4';
  const v6 = '/proc/sys/net/ipv6';
  await keepRouterAdvertisements();
  const wanted: [string, string][] = [
    [`${v4}/ip_forward`, '1'],
    [`${v6}/conf/all/forwarding`, '1'],
    // The host forwards out of the interface that a packet came in by, and must not tell guests to go directly.
    [`${v4}/conf/all/send_redirects`, '0'],
    [`${v4}/conf/${bridge}/send_redirects`, '0'],
    [`${v4}/conf/${bridge}/accept_redirects`, '0'],
    [`${v4}/conf/${bridge}/proxy_arp_pvlan`, '1'],
    [`${v4}/conf/${bridge}/rp_filter`, '1'],
    // Only the bridge's own address is answered for here, not the host's others.
    [`${v4}/conf/${bridge}/arp_ignore`, '1'],
    [`${v4}/neigh/${bridge}/proxy_delay`, '0'],
    [`${v6}/conf/${bridge}/accept_ra`, '0'],
    [`${v6}/conf/${bridge}/accept_redirects`, '0'],
    [`${v6}/conf/${bridge}/accept_dad`, '0'],
  ];
  for (const [path, value] of wanted) await putSwitch(path, value);
}

async function putSwitch(path: string, value: string): Promise<void> {
  if ((await readFile(path, 'utf8')).trim() !== value) await writeFile(path, value);
}

/**
 * A host that forwards ignores router advertisements, also on its uplink, and would lose its default route once the
 * present one expires. accept_ra=2 says: also when forwarding.
 */
async function keepRouterAdvertisements(): Promise<void> {
  const conf = '/proc/sys/net/ipv6/conf';
  if ((await readFile(`${conf}/all/forwarding`, 'utf8')).trim() === '1') return;
  const routes = (await readFile('/proc/net/ipv6_route', 'utf8')).split('\n').map((line) => line.trim().split(/\s+/));
  const RTF_ADDRCONF = 0x40000;
  const RTF_DEFAULT = 0x10000;
  for (const fields of routes) {
    const flags = Number.parseInt(fields[8] ?? '0', 16);
    const device = fields[9];
    if (device && flags & RTF_ADDRCONF && flags & RTF_DEFAULT) await putSwitch(`${conf}/${device}/accept_ra`, '2');
  }
}

/**
 * Permanent neighbour entries: the host never asks who has a guest's address, so that no forged ARP or neighbour
 * advertisement can answer.
 */
export async function putNeighbours(run: Run, bridge: string, leases: readonly Lease[]): Promise<void> {
  if (leases.length === 0) return;
  const lines = leases.flatMap((lease) =>
    addressesOf(lease).map((address) => `neigh replace ${address} lladdr ${lease.mac} dev ${bridge} nud permanent\n`),
  );
  await run('ip', ['-batch', '-'], { input: lines.join('') });
}

/** The addresses whose entries were there. */
export async function removeNeighbours(run: Run, bridge: string, leases: readonly Lease[]): Promise<string[]> {
  const removed: string[] = [];
  for (const address of leases.flatMap(addressesOf)) {
    // 2: no such entry (or no such bridge any more).
    const { code } = await run('ip', ['neigh', 'del', address, 'dev', bridge], { ok: [0, 1, 2] });
    if (code === 0) removed.push(address);
  }
  return removed;
}

/** Those of the leases whose entries are missing or say something else. */
export async function missingNeighbours(run: Run, bridge: string, leases: readonly Lease[]): Promise<Lease[]> {
  const entries = new Map<string, string>();
  for (const family of ['-4', '-6']) {
    const { stdout } = await run('ip', [family, '-j', 'neigh', 'show', 'dev', bridge, 'nud', 'permanent']);
    for (const { dst, lladdr } of neighbours.parse(JSON.parse(stdout || '[]'))) {
      if (lladdr !== undefined) entries.set(canonical(dst), lladdr);
    }
  }
  return leases.filter((lease) => addressesOf(lease).some((address) => entries.get(address) !== lease.mac));
}

const neighbours = z.array(z.object({ dst: z.string(), lladdr: z.string().optional() }));
const addressesOf = (lease: Lease): string[] => [lease.v4, lease.v6, linkLocal(lease.mac)];

const addresses = z.array(
  z.object({
    ifname: z.string().optional(),
    addr_info: z.array(z.object({ local: z.string(), prefixlen: z.int(), scope: z.string() })).default([]),
  }),
);

const routes = z.array(
  z.object({
    dst: z.string(),
    dev: z.string().optional(),
    nexthops: z.array(z.object({ dev: z.string().optional() })).default([]),
  }),
);
/** Shorter is no network but the way out, which some write in halves (0.0.0.0/1 and 128.0.0.0/1, 2000::/3). */
const SHORTEST_PREFIX = 4;

/**
 * Networks that the host knows other than by the bridge, by an address or by a route of its own: where its management
 * and its peers are. What only the default route leads to is the outside.
 */
export async function attachedNetworks(run: Run, bridge: string): Promise<string[]> {
  const { stdout } = await run('ip', ['-j', 'address', 'show']);
  const found = addresses
    .parse(JSON.parse(stdout))
    .flatMap(({ ifname, addr_info }) =>
      ifname === bridge || ifname === 'lo'
        ? []
        : addr_info
            .filter(({ scope }) => scope === 'global')
            .map(({ local, prefixlen }) => parseCidr(`${local}/${prefixlen}`)),
    );
  for (const family of ['-4', '-6']) {
    const listing = await run('ip', [family, '-j', 'route', 'show']);
    for (const { dst, dev, nexthops } of routes.parse(JSON.parse(listing.stdout || '[]'))) {
      if (dst === 'default' || [dev, ...nexthops.map((hop) => hop.dev)].includes(bridge)) continue;
      const route = parseCidr(dst.includes('/') ? dst : `${dst}/${family === '-4' ? 32 : 128}`);
      if (route.prefix >= SHORTEST_PREFIX && !route.network.startsWith('fe80:')) found.push(route);
    }
  }
  return [...new Set(found.map(({ network, prefix }) => `${network}/${prefix}`))].sort();
}
