/** What hosts have, what is sold of it, and where the next server goes. */
import type { Db, Tx } from '../db.ts';
import type { Deps } from '../deps.ts';
import type { Plan } from '../generated/prisma/client.ts';
import { SILENT_AFTER_MS } from '../servers/state.ts';

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

/** Every host, or those of a zone. A disk counts as long as its row is open, also while its server is stopped. */
export async function roomOfHosts(deps: Pick<Deps, 'clock'> & { db: Db | Tx }, zoneId?: string): Promise<Room[]> {
  const { db, clock } = deps;
  const [hosts, placements, volumes] = await Promise.all([
    db.host.findMany({ where: zoneId ? { zoneId } : {}, orderBy: { name: 'asc' } }),
    db.placement.findMany({
      where: { endedAt: null, ...(zoneId && { host: { zoneId } }) },
      select: { hostId: true, server: { select: { plan: { select: { vcpu: true, memoryMiB: true } } } } },
    }),
    db.volume.groupBy({ by: ['hostId'], where: { deletedAt: null }, _sum: { sizeGiB: true } }),
  ]);
  const heardSince = clock.now().getTime() - SILENT_AFTER_MS;
  return hosts.map((host) => {
    const here = placements.filter((placement) => placement.hostId === host.id).map(({ server }) => server.plan);
    const sum = (of: (plan: (typeof here)[number]) => number) => here.reduce((total, plan) => total + of(plan), 0);
    const disk = volumes.find((volume) => volume.hostId === host.id)?._sum.sizeGiB ?? 0;
    return {
      hostId: host.id,
      zoneId: host.zoneId,
      open: host.acceptsNew && host.joinedAt !== null && (host.lastContactAt?.getTime() ?? 0) >= heardSince,
      servers: here.length,
      vcpu: {
        sold: sum((plan) => plan.vcpu),
        sellable: Math.floor((host.vcpuTotal * host.cpuOvercommitPct) / 100),
        physical: host.vcpuTotal,
      },
      memoryMiB: {
        sold: sum((plan) => plan.memoryMiB),
        sellable: Math.max(0, host.memoryMiBTotal - host.memoryMiBReserved),
        physical: host.memoryMiBTotal,
      },
      diskGiB: {
        sold: disk,
        sellable: Math.floor((Math.max(0, host.diskGiBTotal - host.diskGiBReserved) * host.diskOvercommitPct) / 100),
        physical: host.diskGiBTotal,
      },
    };
  });
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
 * The host of a zone with the most free memory; null when none has room. The zone's hosts are locked first, so
 * that two orders never both take the last place, nor the last address.
 */
export async function pickHost(tx: Tx, deps: Pick<Deps, 'clock'>, zoneId: string, need: Need): Promise<string | null> {
  await tx.$queryRaw`SELECT FROM "Host" WHERE "zoneId" = ${zoneId} ORDER BY "id" FOR UPDATE`;
  const rooms = (await roomOfHosts({ db: tx, clock: deps.clock }, zoneId)).filter((room) => hasRoom(room, need));
  const free = (room: Room) => room.memoryMiB.sellable - room.memoryMiB.sold;
  return rooms.sort((a, b) => free(b) - free(a))[0]?.hostId ?? null;
}
