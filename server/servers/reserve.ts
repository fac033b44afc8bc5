/**
 * What a server takes of the operator's stock: a place on a host, its addresses, disk and interface. Written
 * in one transaction with the order, found again by every later run, and given back in one transaction.
 */
import type { Tx } from '../db.ts';
import type { Deps } from '../deps.ts';
import { PublicError } from '../errors.ts';
import type { AddressFamily } from '../generated/prisma/enums.ts';
import { pickHost } from '../hosts/capacity.ts';
import { newId } from '../ids.ts';
import { endSubscription } from './subscription.ts';

type Needs = Pick<Deps, 'clock' | 'random'>;

/**
 * Takes what the server does not have yet. The caller has the zone (lockZone).
 * @throws PublicError NO_CAPACITY, NO_ADDRESS, IMAGE_NOT_READY
 */
export async function reserveBody(tx: Tx, deps: Needs, serverId: string): Promise<void> {
  await tx.$queryRaw`SELECT FROM "Server" WHERE "id" = ${serverId} FOR UPDATE`;
  const server = await tx.server.findUniqueOrThrow({
    where: { id: serverId },
    select: {
      zoneId: true,
      intendedDeleted: true,
      plan: { select: { id: true, vcpu: true, memoryMiB: true, diskGiB: true } },
      image: { select: { digest: true } },
      placements: { where: { endedAt: null }, select: { hostId: true } },
      volumes: { where: { deletedAt: null }, select: { id: true } },
      vifs: { select: { id: true } },
      holds: { where: { until: null }, select: { address: { select: { family: true } } } },
    },
  });
  if (server.intendedDeleted) throw new PublicError('NOT_POSSIBLE', { params: { reason: 'being-deleted' } });
  if (!server.image.digest) throw new PublicError('IMAGE_NOT_READY');
  const now = deps.clock.now();

  let hostId = server.placements[0]?.hostId;
  if (!hostId) {
    hostId = (await pickHost(tx, deps, server.zoneId, server.plan)) ?? undefined;
    if (!hostId) throw new PublicError('NO_CAPACITY', { params: { planId: server.plan.id, zoneId: server.zoneId } });
    await tx.placement.create({ data: { id: newId('plc', deps.random), serverId, hostId, createdAt: now } });
  }
  if (server.volumes.length === 0) {
    await tx.volume.create({
      data: {
        id: newId('vol', deps.random),
        serverId,
        hostId,
        sizeGiB: server.plan.diskGiB,
        backingDigest: server.image.digest,
        createdAt: now,
      },
    });
  }
  if (server.vifs.length === 0) {
    await tx.vif.create({ data: { id: newId('vif', deps.random), serverId, index: 0, mac: await freeMac(tx, deps) } });
  }
  for (const family of ['v4', 'v6'] as const) {
    if (!server.holds.some((hold) => hold.address.family === family))
      await holdAddress(tx, deps, serverId, server.zoneId, family);
  }
}

/** The address that was free for the longest time: strangers' late packets and caches have had time to end. */
async function holdAddress(
  tx: Tx,
  deps: Needs,
  serverId: string,
  zoneId: string,
  family: AddressFamily,
): Promise<void> {
  const [address] = await tx.$queryRaw<{ id: string }[]>`
    SELECT a."id" FROM "Address" a JOIN "Pool" p ON p."id" = a."poolId"
    WHERE p."zoneId" = ${zoneId} AND a."family" = ${family}::"AddressFamily"
      AND NOT EXISTS (SELECT FROM "AddressHold" h WHERE h."addressId" = a."id" AND h."until" IS NULL)
    ORDER BY a."lastReleasedAt" NULLS FIRST, a."id" LIMIT 1
    FOR UPDATE OF a SKIP LOCKED`;
  if (!address) throw new PublicError('NO_ADDRESS', { params: { zoneId } });
  await tx.addressHold.create({
    data: { id: newId('hld', deps.random), addressId: address.id, serverId, family, from: deps.clock.now() },
  });
}

async function freeMac(tx: Tx, deps: Needs): Promise<string> {
  for (;;) {
    const mac = `52:54:00:${Array.from(deps.random(3), (byte) => byte.toString(16).padStart(2, '0')).join(':')}`;
    if ((await tx.vif.count({ where: { mac } })) === 0) return mac;
  }
}

/**
 * Gives everything back. Only where the body is known to be gone. A clock that was set back since the taking must not
 * stand in the way: nothing ends before it began.
 */
export async function releaseBody(tx: Tx, deps: Needs, serverId: string): Promise<void> {
  await tx.$queryRaw`SELECT FROM "Server" WHERE "id" = ${serverId} FOR UPDATE`;
  const now = deps.clock.now();
  const held = await tx.addressHold.findMany({ where: { serverId, until: null }, select: { addressId: true } });
  await tx.$executeRaw`
    UPDATE "AddressHold" SET "until" = GREATEST("from", ${now}) WHERE "serverId" = ${serverId} AND "until" IS NULL`;
  await tx.address.updateMany({
    where: { id: { in: held.map((hold) => hold.addressId) } },
    data: { lastReleasedAt: now },
  });
  await tx.volume.updateMany({ where: { serverId, deletedAt: null }, data: { deletedAt: now } });
  await tx.$executeRaw`
    UPDATE "Placement" SET "endedAt" = GREATEST("createdAt", ${now}), "observed" = 'absent', "reason" = 'none', "since" = ${now}
    WHERE "serverId" = ${serverId} AND "endedAt" IS NULL`;
  // What the console showed is the customer's; and nobody is let in any more.
  await tx.screen.deleteMany({ where: { serverId } });
  await tx.ticket.deleteMany({ where: { serverId } });
  await endSubscription(tx, deps.clock, serverId);
}
