/** Servers that wait for a person, for staff: customers are told that somebody looks at them. */
import type { Deps } from '../deps.ts';
import type { StaffAttentionView } from '../hosts/schema.ts';
import { factsOf, factsSelect } from './facts.ts';
import { isSilent, whyAttention } from './state.ts';

const LIST = 200;

/** Those with an operation under way or stuck are in its list. The one that waits longest is the first. */
export async function listAttention({ db, clock }: Deps): Promise<StaffAttentionView[]> {
  const rows = await db.server.findMany({
    where: {
      deletedAt: null,
      intendedDeleted: false,
      operations: { none: { state: { in: ['queued', 'running', 'stuck'] } } },
      placements: { some: { endedAt: null } },
      OR: [
        { needsAttention: { not: null } },
        { placements: { some: { endedAt: null, observed: { in: ['absent', 'crashed', 'paused'] } } } },
      ],
    },
    // Of more than so many, the oldest servers.
    orderBy: { createdAt: 'asc' },
    take: LIST,
    select: {
      ...factsSelect,
      id: true,
      name: true,
      accountId: true,
      account: { select: { name: true } },
      placements: {
        where: { endedAt: null },
        select: { ...factsSelect.placements.select, host: { select: { name: true, lastContactAt: true } } },
      },
    },
  });
  const newest = await db.operation.findMany({
    where: { serverId: { in: rows.map(({ id }) => id) }, endedAt: { not: null } },
    orderBy: { createdAt: 'desc' },
    distinct: ['serverId'],
    select: { id: true, kind: true, state: true, errorDetail: true, serverId: true },
  });
  const now = clock.now();
  return rows
    .flatMap((row) => {
      const [placement] = row.placements;
      if (!placement) return [];
      const last = newest.find(({ serverId }) => serverId === row.id);
      return {
        id: row.id,
        name: row.name,
        accountId: row.accountId,
        accountName: row.account.name,
        hostName: placement.host.name,
        hostSilent: isSilent(placement.host.lastContactAt, now),
        why: whyAttention(factsOf(row)),
        observed: {
          state: placement.observed,
          reason: placement.reason,
          since: placement.since?.toISOString() ?? null,
        },
        lastOperation: last ? { id: last.id, kind: last.kind, state: last.state, errorDetail: last.errorDetail } : null,
      };
    })
    .sort((a, b) => (a.observed.since ?? '').localeCompare(b.observed.since ?? ''));
}
