/** What the kernel has of the guests' network: taps, rules, neighbour entries. And the processes. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { z } from 'zod';
import { canonical, linkLocal, parseCidr } from '../../compute-agent/networks/addresses.ts';
import { parseChains } from '../../compute-agent/networks/presence.ts';
import { tablesOf } from '../../compute-agent/networks/rules.ts';
import type { Neighbour, Thing } from '../../server/leftovers/machine.ts';
import { bridge as bridgeTool, ip, nft } from './programs.ts';

const VIF = /^v([a-z2-7]{10})-\d$/;
const VIF_INSIDE = /(?:^|["-])(v([a-z2-7]{10})-\d)(?=["\-\s]|$)/;

const json = <T>(shape: z.ZodType<T>, text: string): T => shape.parse(JSON.parse(text.trim() === '' ? '[]' : text));
const links = z.array(z.object({ ifname: z.string().optional(), master: z.string().optional() }));
const neighbours = z.array(z.object({ dst: z.string().optional(), lladdr: z.string().optional() }));
const fdb = z.array(z.object({ mac: z.string(), ifname: z.string(), state: z.string().optional() }));
const addresses = z.array(
  z.object({
    address: z.string().optional(),
    addr_info: z.array(z.object({ local: z.string(), prefixlen: z.int(), scope: z.string() })).default([]),
  }),
);

/** Interfaces with a VIF's name, and whatever else hangs on the guests' bridge. */
export async function readTaps(bridge: string): Promise<Thing[]> {
  const all = json(links, await ip('-j', 'link', 'show'));
  return all.flatMap(({ ifname = '', master }): Thing[] => {
    const serverId = VIF.exec(ifname)?.[1];
    if (serverId !== undefined) return [{ kind: 'tap', name: ifname, serverId }];
    return master === bridge ? [{ kind: 'unknown', name: `port ${ifname} of ${bridge}`, serverId: null }] : [];
  });
}

/**
 * Chains that libvirt made for a VIF, in whatever table, and rules elsewhere that name one. Not by `ebtables -L`:
 * while libvirt changes rules, that fails and meddles.
 */
export async function readRules(): Promise<Thing[]> {
  const things: Thing[] = [];
  for (const table of (await nft('list', 'tables')).matchAll(/^table (\S+) (\S+)$/gm)) {
    const [, family = '', name = ''] = table;
    for (const [chain, rules] of parseChains(await nft('-s', 'list', 'table', family, name))) {
      const [, vif, serverId = null] = VIF_INSIDE.exec(chain) ?? [];
      const where = `${family} ${name} ${chain}`;
      if (vif !== undefined) things.push({ kind: 'chain', name: where, serverId });
      else
        for (const rule of rules) {
          const [, named, owner = null] = VIF_INSIDE.exec(rule) ?? [];
          if (named !== undefined) things.push({ kind: 'jump', name: `${where}: ${rule}`, serverId: owner });
        }
    }
  }
  return things;
}

export async function readNeighbours(bridge: string): Promise<Neighbour[]> {
  const entries = json(neighbours, await ip('-j', 'neigh', 'show', 'dev', bridge, 'nud', 'permanent'));
  return entries.flatMap(({ dst, lladdr: mac }) => {
    // Multicast has entries of the kernel's own.
    if (dst === undefined || mac === undefined || /^(ff|2[23]\d\.)/.test(dst)) return [];
    return [{ address: canonical(dst), mac, linkLocal: canonical(dst) === linkLocal(mac) }];
  });
}

/**
 * Addresses of guests in the agent's own nft tables and sets, answered for by proxy, or pinned to a port of the bridge.
 * The product puts none there: guests are told apart by their filters and their neighbour entries.
 */
export async function readAddressRules(bridge: string): Promise<Thing[]> {
  const [own] = json(addresses, await ip('-j', 'address', 'show', 'dev', bridge));
  const ownNetworks = (own?.addr_info ?? [])
    .filter(({ scope }) => scope === 'global')
    .map(({ local, prefixlen }) => ({ local, ...parseCidr(`${local}/${prefixlen}`) }));
  const isGuests = (text: string): boolean => {
    const [address = '', given] = text.split('/');
    return ownNetworks.some(({ local, network, prefix }) => {
      try {
        const inside = parseCidr(`${address}/${prefix}`).network === network;
        return (
          inside &&
          address.includes(':') === local.includes(':') &&
          address !== local &&
          !(address === network && Number(given) === prefix)
        );
      } catch {
        return false;
      }
    });
  };
  const things: Thing[] = [];
  const note = (name: string) => things.push({ kind: 'address rule', name, serverId: null });

  const tables = (await nft('list', 'tables')).split('\n');
  for (const [family, name] of tablesOf(bridge).filter((table) => tables.includes(`table ${table.join(' ')}`))) {
    const text = await nft('-s', 'list', 'table', family, name);
    for (const [word] of text.matchAll(/(?:\d+\.){3}\d+(?:\/\d+)?|[0-9a-f]*:[0-9a-f:]+(?:\/\d+)?/g))
      if (isGuests(word)) note(`${word} in table ${family} ${name}`);
  }
  for (const { dst } of json(neighbours, await ip('-j', 'neigh', 'show', 'proxy', 'dev', bridge)))
    if (dst !== undefined) note(`proxy for ${dst} on ${bridge}`);
  // A tap's own MAC has libvirt's prefix fe:; a guest's is learned and never fixed.
  for (const { mac, ifname, state } of json(fdb, await bridgeTool('-j', 'fdb', 'show', 'br', bridge)))
    if (mac.startsWith('52:54:00') && mac !== own?.address && (state === 'permanent' || state === 'static'))
      note(`fdb entry ${mac} at ${ifname}`);
  return things;
}

function* commandLines(): Generator<string[]> {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      yield readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    } catch {
      // It ended between the listing and the reading.
    }
  }
}

/** Living QEMUs with a name, and swtpms, of this pid namespace. */
export function readProcesses(): Thing[] {
  return [...commandLines()].flatMap((args): Thing[] => {
    const program = basename(args[0] ?? '');
    if (program === 'swtpm') return [{ kind: 'tpm', name: args.join(' '), serverId: null }];
    if (!program.startsWith('qemu-system') || !args.includes('-name')) return [];
    const guest = /^(?:guest=)?([^,]+)/.exec(args[args.indexOf('-name') + 1] ?? '')?.[1] ?? null;
    return [{ kind: 'process', name: `QEMU of ${guest}`, serverId: guest }];
  });
}

export const countLeaseDaemons = (folder: string, bridge: string): number =>
  [...commandLines()].filter(
    ([program, ...args]) =>
      basename(program ?? '') === 'dnsmasq' && args.some((arg) => arg.startsWith(`--conf-file=${folder}/${bridge}-`)),
  ).length;
