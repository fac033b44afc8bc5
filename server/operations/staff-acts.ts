/** What staff did about operations, as their customers are told: which act, when, and why. */
import type { z } from 'zod';
import type { Db } from '../db.ts';
import type { staffAct } from '../servers/schema.ts';
import { auditEntry } from './record.ts';

type StaffAct = z.infer<typeof staffAct>;

/** By operation id; the oldest first. Only a second attempt can be staff's. */
export async function staffActsOf(db: Db, rows: { id: string; attempt: number }[]): Promise<Map<string, StaffAct[]>> {
  const again = rows.filter((row) => row.attempt > 1).map((row) => row.id);
  if (again.length === 0) return new Map();
  const attempts = await db.operationAttempt.findMany({
    where: { operationId: { in: again }, attempt: { gt: 1 } },
    orderBy: { attempt: 'asc' },
  });
  const begun = await db.audit.findMany({
    where: { entryId: { in: attempts.map(entryOf) }, phase: 'started', actorKind: 'staff' },
    select: { entryId: true, at: true, reason: true },
  });
  const acts = new Map<string, StaffAct[]>();
  for (const attempt of attempts) {
    const entry = begun.find(({ entryId }) => entryId === entryOf(attempt));
    if (!entry) continue;
    const act = {
      act: attempt.direction === 'undo' ? ('undo' as const) : ('retry' as const),
      at: entry.at.toISOString(),
      reason: entry.reason,
    };
    acts.set(attempt.operationId, [...(acts.get(attempt.operationId) ?? []), act]);
  }
  return acts;
}

const entryOf = ({ operationId, attempt }: { operationId: string; attempt: number }): string =>
  auditEntry(operationId, attempt);
