/** What lies in the agent's folder and under /run: every file is classified by its place, none is passed over. */
import { type Dirent, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseLeases } from '../../compute-agent/networks/leases.ts';
import type { Kind, Thing } from '../../server/leftovers/machine.ts';

const ID = '([a-z2-7]{10})';
/** Written beside its final name and then renamed: .tmp-…, *.tmp, *.part. */
const TEMPORARY = /(?:^|\/)\.tmp|\.(?:tmp|part|partial)$/;

/** By path in the agent's folder. null: it belongs there, and to no server. */
const places: [RegExp, Kind | null][] = [
  [/^volumes\/\.staging\/(.+)$/, 'staged'],
  [new RegExp(`^volumes/${ID}/vol_[a-z2-7]{16}\\.qcow2$`), 'disk'],
  [new RegExp(`^seeds/${ID}\\.iso$`), 'seed'],
  [new RegExp(`^tombstones/${ID}$`), 'tombstone'],
  [new RegExp(`^state/${ID}$`), 'note'],
  [new RegExp(`^runs/${ID}$`), 'run'],
  [new RegExp(`^serial/${ID}/$`), 'serial folder'],
  // The log, and what virtlogd rotated.
  [new RegExp(`^serial/${ID}/serial\\.log(\\.\\d+)?$`), null],
  [new RegExp(`^dnsmasq/hosts/${ID}$`), 'lease'],
  [/^dnsmasq\/[^/]+\.(conf|pid)$/, null],
  [/^images\/[0-9a-f]{64}\.qcow2$/, null],
  [/^(volumes\/\.staging|volumes|seeds|tombstones|state|runs|serial|dnsmasq|dnsmasq\/hosts|images)\/$/, null],
  [new RegExp(`^volumes/${ID}/$`), null],
  // Its own certificate, its host's name, what the probe found.
  [/^[^/]+$/, null],
];

export function agentFiles(folder: string): Thing[] {
  return walk(folder, folder).flatMap((path): Thing[] => {
    const anyId = new RegExp(`/${ID}(?:[/.]|$)`).exec(path)?.[1] ?? null;
    if (TEMPORARY.test(path.replace(/\/$/, ''))) return [{ kind: 'temporary', name: path, serverId: null }];
    const place = places.find(([pattern]) => pattern.test(path));
    if (place?.[1] === null && !isEmptyVolumes(folder, path)) return [];
    const kind = place?.[1] ?? 'unknown';
    if (kind === 'disk') return [{ kind, name: /vol_[a-z2-7]{16}/.exec(path)![0], serverId: anyId }];
    return [{ kind, name: path, serverId: kind === 'staged' ? null : anyId }];
  });
}

/** A server's folder for disks goes with its last disk. */
const isEmptyVolumes = (folder: string, path: string): boolean =>
  new RegExp(`^volumes/${ID}/$`).test(path) && readdirSync(join(folder, path)).length === 0;

/** Sockets of guests. */
export function runFiles(folder: string): Thing[] {
  return walk(folder, folder).map((path): Thing => {
    const serverId = new RegExp(`^${ID}/`).exec(path)?.[1] ?? null;
    const inside = path.slice((serverId?.length ?? 0) + 1);
    const kind =
      serverId === null
        ? 'unknown'
        : inside === ''
          ? 'socket folder'
          : /^(serial|vnc|agent)\.sock$/.test(inside)
            ? 'socket'
            : 'unknown';
    return { kind, name: join(folder, path), serverId };
  });
}

export function readTombstones(folder: string): Map<string, number> {
  return new Map(
    existsSync(folder)
      ? readdirSync(folder)
          .filter((name) => new RegExp(`^${ID}$`).test(name))
          .map((name) => [
            name,
            (JSON.parse(readFileSync(join(folder, name), 'utf8')) as { generation: number }).generation,
          ])
      : [],
  );
}

export function leaseAddresses(hosts: string): { serverId: string; addresses: string[] }[] {
  return (existsSync(hosts) ? readdirSync(hosts) : [])
    .filter((name) => !name.startsWith('.'))
    .map((serverId) => ({
      serverId,
      addresses: parseLeases(readFileSync(join(hosts, serverId), 'utf8')).flatMap(({ v4, v6 }) => [v4, v6]),
    }));
}

/** Paths below `root`, folders with a `/` behind; what is temporary is not gone into. */
function walk(root: string, folder: string): string[] {
  return entriesOf(folder).flatMap((entry) => {
    const path = relative(root, join(folder, entry.name));
    if (!entry.isDirectory()) return [path];
    return TEMPORARY.test(path) ? [`${path}/`] : [`${path}/`, ...walk(root, join(folder, entry.name))];
  });
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
