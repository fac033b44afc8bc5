import type { Tx } from '../db.ts';
import { emit } from '../events/emit.ts';

/** Pages of the host and of its servers read again: what nobody renews looks different, too. */
export async function tellHost(tx: Tx, hostId: string, kind: string, at: Date): Promise<void> {
  const placed = await tx.placement.findMany({
    where: { hostId, endedAt: null },
    select: { serverId: true, server: { select: { accountId: true } } },
  });
  await emit(
    tx,
    { accountId: null, subject: `host:${hostId}`, kind, at },
    ...placed.map(({ serverId, server }) => ({ accountId: server.accountId, subject: `server:${serverId}`, kind, at })),
  );
}
