/**
 * What is billed, through a server's life (schema.prisma, Subscription): ordered, delivered, asked back, ended.
 * Instants are the business clock's, which may be set back: nothing comes before what it follows.
 */
import { businessNow, type Clock, civilDate, toDateColumn } from '../clock.ts';
import type { Tx } from '../db.ts';

/** A create that was undone is tried again. The anchor comes with the delivery. */
export async function reopenSubscription(tx: Tx, serverId: string): Promise<void> {
  await tx.subscription.updateMany({ where: { serverId, state: 'ended' }, data: { state: 'active', endedAt: null } });
}

/** The server is there: the first term begins today (R1), whenever it was ordered. */
export async function activateSubscription(tx: Tx, clock: Clock, serverId: string): Promise<void> {
  const row = await tx.subscription.findUnique({ where: { serverId }, select: { orderedAt: true, activatedAt: true } });
  if (!row || row.activatedAt) return;
  const now = await businessNow(tx, clock);
  const activatedAt = new Date(Math.max(now.getTime(), row.orderedAt.getTime()));
  await tx.subscription.update({
    where: { serverId },
    data: { activatedAt, startDate: toDateColumn(civilDate(activatedAt)) },
  });
}

/**
 * With the wish, not with its end: a host that is away must not sell another term. Nothing where the making was undone:
 * that has ended already.
 */
export async function cancelSubscription(tx: Tx, clock: Clock, serverId: string): Promise<void> {
  const now = await businessNow(tx, clock);
  await tx.$executeRaw`
    UPDATE "Subscription" SET "cancelRequestedAt" = GREATEST("orderedAt", "activatedAt", ${now})
    WHERE "serverId" = ${serverId} AND "state" = 'active' AND "cancelRequestedAt" IS NULL`;
}

export async function endSubscription(tx: Tx, clock: Clock, serverId: string): Promise<void> {
  const now = await businessNow(tx, clock);
  await tx.$executeRaw`
    UPDATE "Subscription" SET "state" = 'ended',
      "endedAt" = GREATEST("orderedAt", "activatedAt", "cancelRequestedAt", ${now})
    WHERE "serverId" = ${serverId} AND "state" = 'active'`;
}
