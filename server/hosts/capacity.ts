/** What hosts have, what is sold of it, and where the next server goes. */
import type { Db, Tx } from '../db.ts';
import type { Deps } from '../deps.ts';
import type { Plan } from '../generated/prisma/client.ts';
import { SILENT_AFTER_MS } from '../servers/state.ts';

/** How long a transaction waits for a lock: less than it may take at all. */
export const LOCK_TIMEOUT = '3s';

type Need = Pick<Plan, 'vcpu' | 'memoryMiB' | 'diskGiB'>;
export type Room = {
  hostId: string;
  zoneId: string;
  /** Joined, accepts new servers, and was heard of within a minute. */
  open: boolean;
  servers: number;
  vcpu: Amount;
  memoryMiB: Amount;
  diskGiB: Amount;
};
type Amount = { sold: number; sellable: number; physical: number };

type HostSums = {
  hostId: string;
  zoneId: string;
  isOpen: boolean;
  vcpuTotal: number;
  memoryMiBTotal: number;
  diskGiBTotal: number;
  cpuOvercommitPct: number;
  memoryMiBReserved: number;
  diskGiBReserved: number;
  diskOvercommitPct: number;
  servers: number;
  vcpu: number;
  memoryMiB: number;
  diskGiB: number;
};

/**
 * Every host, or those of a zone. A disk counts as long as its row is open, also while its server is stopped. Summed
 * by PostgreSQL, in one round trip: an order asks this while others of its zone wait.
 */
export async function roomOfHosts(deps: Pick<Deps, 'clock'> & { db: Db | Tx }, zoneId?: string): Promise<Room[]> {
  const heardSince = new Date(deps.clock.now().getTime() - SILENT_AFTER_MS);
  const rows = await deps.db.$queryRaw<HostSums[]>`
    SELECT h."id" AS "hostId", h."zoneId",
      h."acceptsNew" AND h."joinedAt" IS NOT NULL AND COALESCE(h."lastContactAt" >= ${heardSince}, false) AS "isOpen",
      h."vcpuTotal", h."memoryMiBTotal", h."diskGiBTotal", h."cpuOvercommitPct", h."memoryMiBReserved",
      h."diskGiBReserved", h."diskOvercommitPct", body.*, disk.*
    FROM "Host" h
    CROSS JOIN LATERAL (
      SELECT count(*)::int AS "servers", COALESCE(sum(l."vcpu"), 0)::int AS "vcpu",
        COALESCE(sum(l."memoryMiB"), 0)::float8 AS "memoryMiB"
      FROM "Placement" p JOIN "Server" s ON s."id" = p."serverId" JOIN "Plan" l ON l."id" = s."planId"
      WHERE p."hostId" = h."id" AND p."endedAt" IS NULL
    ) body
    CROSS JOIN LATERAL (
      SELECT COALESCE(sum(v."sizeGiB"), 0)::float8 AS "diskGiB" FROM "Volume" v
      WHERE v."hostId" = h."id" AND v."deletedAt" IS NULL
    ) disk
    WHERE ${zoneId ?? null}::text IS NULL OR h."zoneId" = ${zoneId ?? null}::text
    ORDER BY h."name"`;
  return rows.map((host) => ({
    hostId: host.hostId,
    zoneId: host.zoneId,
    open: host.isOpen,
    servers: host.servers,
    vcpu: {
      sold: host.vcpu,
      sellable: Math.floor((host.vcpuTotal * host.cpuOvercommitPct) / 100),
      physical: host.vcpuTotal,
    },
    memoryMiB: {
      sold: host.memoryMiB,
      sellable: Math.max(0, host.memoryMiBTotal - host.memoryMiBReserved),
      physical: host.memoryMiBTotal,
    },
    diskGiB: {
      sold: host.diskGiB,
      sellable: Math.floor((Math.max(0, host.diskGiBTotal - host.diskGiBReserved) * host.diskOvercommitPct) / 100),
      physical: host.diskGiBTotal,
    },
  }));
}

const fits = (amount: Amount, need: number): boolean => amount.sold + need <= amount.sellable;
const hasRoom = (room: Room, need: Need): boolean =>
  room.open && fits(room.vcpu, need.vcpu) && fits(room.memoryMiB, need.memoryMiB) && fits(room.diskGiB, need.diskGiB);

/** Plan id → zones that have room for one more. */
export async function zonesWithRoom(
  deps: Pick<Deps, 'db' | 'clock'>,
  plans: (Need & { id: string })[],
): Promise<Map<string, string[]>> {
  const rooms = await roomOfHosts(deps);
  return new Map(
    plans.map((plan) => [
      plan.id,
      [...new Set(rooms.filter((room) => hasRoom(room, plan)).map((room) => room.zoneId))],
    ]),
  );
}

/**
 * One at a time per zone, until the transaction ends: whoever takes places and addresses, so that two orders never
 * both take the last one. Before the first write and before any row's lock: a transaction that has written nothing
 * has no number yet, so whoever waits here holds back no reader of events.
 */
export async function lockZone(tx: Tx, zoneId: string): Promise<void> {
  await tx.$queryRaw`
    SELECT set_config('lock_timeout', ${LOCK_TIMEOUT}, true),
      pg_advisory_xact_lock(hashtextextended('zone:' || ${zoneId}::text, 0))::text`;
}

/** The same, of the server's zone. */
export async function lockZoneOf(tx: Tx, serverId: string): Promise<void> {
  const { zoneId } = await tx.server.findUniqueOrThrow({ where: { id: serverId }, select: { zoneId: true } });
  await lockZone(tx, zoneId);
}

/** The host of a zone with the most free memory; null when none has room. The caller has the zone (lockZone). */
export async function pickHost(tx: Tx, deps: Pick<Deps, 'clock'>, zoneId: string, need: Need): Promise<string | null> {
  const rooms = (await roomOfHosts({ db: tx, clock: deps.clock }, zoneId)).filter((room) => hasRoom(room, need));
  const free = (room: Room) => room.memoryMiB.sellable - room.memoryMiB.sold;
  return rooms.sort((a, b) => free(b) - free(a))[0]?.hostId ?? null;
}
