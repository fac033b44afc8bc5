/** What libvirt says that it has, and what lies in its folders. */
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { DomainSeen, Kind, Thing } from '../../server/leftovers/machine.ts';
import { linesOf, virsh } from './programs.ts';

const VIF = /^v([a-z2-7]{10})-\d$/;
/** Filters that all servers refer to. */
const COMMON = new Set(['tsubo-vps', 'tsubo-no-ip-spoofing', 'tsubo-no-ipv6-spoofing']);
/** A volume stays in libvirt's list until the pool is read again, which the agent does after 50 (volumes/staging.ts). */
const STALE_VOLUMES = 60;

export async function readDomains(): Promise<DomainSeen[]> {
  const domains: DomainSeen[] = [];
  for (const name of linesOf(await virsh('list', '--all', '--name'))) {
    const [xml, state] = await Promise.all([virsh('dumpxml', '--inactive', name), virsh('domstate', name)]);
    const generation = /<tsubo:server [^>]*\bgeneration=["'](\d+)["']/.exec(xml)?.[1];
    domains.push({
      name,
      uuid: /<uuid>(.*?)<\/uuid>/.exec(xml)?.[1] ?? '',
      state: state.trim() === 'shut off' ? 'off' : state.trim(),
      generation: generation === undefined ? null : Number(generation),
    });
  }
  return domains;
}

/** Defined filters, and the addresses that each lets through. */
export async function readFilters(): Promise<{
  things: Thing[];
  addresses: { serverId: string; addresses: string[] }[];
}> {
  const things: Thing[] = [];
  const addresses: { serverId: string; addresses: string[] }[] = [];
  for (const line of linesOf(await virsh('nwfilter-list'))) {
    const name = line.split(/\s+/)[1] ?? '';
    if (!name.startsWith('tsubo-') || COMMON.has(name)) continue;
    const serverId = name.slice('tsubo-'.length);
    things.push({ kind: 'filter', name, serverId });
    const xml = await virsh('nwfilter-dumpxml', name);
    const values = [...xml.matchAll(/<parameter name=["']IP(?:V6)?["'] value=["']([^"']+)["']/g)].map(
      ([, value]) => value!,
    );
    // That one is the MAC's, and in every filter.
    addresses.push({ serverId, addresses: values.filter((value) => !value.startsWith('fe80:')) });
  }
  return { things, addresses };
}

export async function readBindings(): Promise<Thing[]> {
  return linesOf(await virsh('nwfilter-binding-list')).map((line) => {
    const name = line.split(/\s+/)[0] ?? '';
    return { kind: 'binding', name, serverId: VIF.exec(name)?.[1] ?? null };
  });
}

/** Pools of Tsubo other than the one of this agent's staging folder, and volumes that the pool's list should not have. */
export async function readPools(staging: string): Promise<Thing[]> {
  const things: Thing[] = [];
  for (const pool of linesOf(await virsh('pool-list', '--all', '--name'))) {
    if (!pool.startsWith('tsubo-')) continue;
    const path = /<path>(.*?)<\/path>/.exec(await virsh('pool-dumpxml', pool))?.[1];
    if (path !== staging) {
      things.push({ kind: 'pool', name: `${pool} of ${path}`, serverId: null });
      continue;
    }
    if (!(await virsh('pool-list', '--name')).includes(pool)) continue;
    const volumes = linesOf(await virsh('vol-list', pool));
    if (volumes.length > STALE_VOLUMES)
      things.push({ kind: 'pool', name: `${pool} with ${volumes.length} volumes that went`, serverId: null });
  }
  return things;
}

/** Where libvirt keeps something of one domain, and how its name is found in the file's. */
const places: [kind: Kind, folder: string, name: RegExp][] = [
  ['definition', '/etc/libvirt/qemu', /^(.+)\.xml$/],
  ['autostart', '/etc/libvirt/qemu/autostart', /^(.+)\.xml$/],
  ['runtime file', '/run/libvirt/qemu', /^([a-z2-7]{10})\.(?:xml|pid)/],
  ['runtime file', '/run/libvirt/nwfilter-binding', /^v([a-z2-7]{10})-\d\.xml/],
  ['runtime file', '/var/lib/libvirt/qemu', /^domain-\d+-(.+)$/],
  ['runtime file', '/var/lib/libvirt/qemu/channel/target', /^domain-\d+-(.+)$/],
  ['saved memory', '/var/lib/libvirt/qemu/save', /^(.+)\.save/],
  ['nvram', '/var/lib/libvirt/qemu/nvram', /^(.+)_VARS/],
  ['unknown', '/var/lib/libvirt/qemu/snapshot', /^(.+)$/],
  ['unknown', '/var/lib/libvirt/qemu/checkpoint', /^(.+)$/],
  ['unknown', '/var/lib/libvirt/qemu/dump', /^(?:\d+-)?([a-z2-7]{10})/],
];

/** libvirt's log of a domain is not among them: it outlives the domain by intent, and logrotate takes it. */
export function libvirtFiles(domains: readonly DomainSeen[]): Thing[] {
  const things: Thing[] = places.flatMap(([kind, folder, pattern]) =>
    list(folder).flatMap((name) => {
      const domain = pattern.exec(name)?.[1];
      return domain === undefined ? [] : [{ kind, name: join(folder, name), serverId: domain }];
    }),
  );
  // By the domain's uuid.
  for (const name of list('/var/lib/libvirt/swtpm')) {
    const owner = domains.find(({ uuid }) => uuid === name)?.name ?? null;
    things.push({ kind: 'tpm', name: join('/var/lib/libvirt/swtpm', name), serverId: owner });
  }
  return [...things, ...cgroups()];
}

/** One folder per controller under cgroup 1, one in all under cgroup 2. */
function cgroups(): Thing[] {
  const root = '/sys/fs/cgroup';
  const folders = ['machine', 'machine.slice'];
  const all = [...folders, ...list(root).flatMap((controller) => folders.map((each) => join(controller, each)))];
  return all.flatMap((folder) =>
    list(join(root, folder)).flatMap((name) => {
      const id = /^(?:machine-)?qemu(?:-|\\x2d)\d+(?:-|\\x2d)([a-z2-7]{10})\./.exec(name)?.[1];
      return id === undefined ? [] : [{ kind: 'cgroup' as const, name: join(root, folder, name), serverId: id }];
    }),
  );
}

const list = (folder: string): string[] => (existsSync(folder) ? tryList(folder) : []);

function tryList(folder: string): string[] {
  try {
    return readdirSync(folder).map((name) => basename(name));
  } catch {
    return []; // A file, or it went between the two looks.
  }
}
