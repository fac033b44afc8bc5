/**
 * Clears away what nobody needs any more. Each statement takes one small batch and says again in itself what it may
 * take, so a round may be repeated, killed, or made by two workers at once.
 *
 * What people read about an operation is in our own rows, which stay; DBOS's are for going on after a crash.
 */
import type { Deps } from './deps.ts';

export type Kept = {
  /** Readers that were away for longer read everything again. */
  eventsMs: number;
  /** DBOS's rows of workflows that have ended. */
  workflowsMs: number;
};

/** No transaction may hold back the readers of events for longer than a moment. */
const BATCH = 500;
const BATCHES_PER_ROUND = 40;
/** After its end, of what has one: by the processes' clocks nobody can still use or lengthen it. */
const ENDED_MS = 24 * 3_600_000;
/** Good for seconds, and never again: no more than the processes' clocks may differ. */
const TICKET_MS = 60_000;
const SENT_MAIL_MS = 30 * 24 * 3_600_000;
/** A slot that is not used any more; that it is silent is known from the missing row just as well. */
const SLOT_MS = 24 * 3_600_000;

export type Cleared = Record<
  'events' | 'workflows' | 'sessions' | 'verifications' | 'tickets' | 'mails' | 'slots',
  number
>;

/** One round, bounded: what it leaves the next one takes. @returns rows by kind */
export async function clearAway(deps: Deps, kept: Kept, batch = BATCH): Promise<Cleared> {
  const { db } = deps;
  const now = deps.clock.now();
  const before = (ms: number) => new Date(now.getTime() - ms);
  const ended = before(ENDED_MS);
  return {
    events: await inBatches(batch, () => clearEvents(deps, before(kept.eventsMs), batch)),
    workflows: await inBatches(batch, () => clearWorkflows(deps, kept.workflowsMs, batch)),
    // Their tickets go with them.
    sessions: await inBatches(
      batch,
      () => db.$executeRaw`
        DELETE FROM "Session" WHERE "id" IN (SELECT "id" FROM "Session" WHERE "expiresAt" < ${ended} LIMIT ${batch})`,
    ),
    verifications: await inBatches(
      batch,
      () => db.$executeRaw`
        DELETE FROM "Verification"
        WHERE "id" IN (SELECT "id" FROM "Verification" WHERE "expiresAt" < ${ended} LIMIT ${batch})`,
    ),
    tickets: await inBatches(
      batch,
      () => db.$executeRaw`
        DELETE FROM "Ticket" WHERE "hash" IN (SELECT "hash" FROM "Ticket" WHERE "expiresAt" < ${before(TICKET_MS)} LIMIT ${batch})`,
    ),
    mails: await inBatches(
      batch,
      () => db.$executeRaw`
        DELETE FROM "Outbox"
        WHERE "id" IN (SELECT "id" FROM "Outbox" WHERE "sentAt" < ${before(SENT_MAIL_MS)} LIMIT ${batch})`,
    ),
    slots: await db.$executeRaw`
      DELETE FROM "WorkerSlot"
      WHERE "heartbeatAt" < clock_timestamp() AT TIME ZONE 'UTC' - ${SLOT_MS / 1000} * interval '1 second'
        AND "startedAt" < clock_timestamp() AT TIME ZONE 'UTC' - ${SLOT_MS / 1000} * interval '1 second'`,
  };
}

async function inBatches(size: number, clear: () => Promise<number>): Promise<number> {
  let cleared = 0;
  for (let n = 0; n < BATCHES_PER_ROUND; n++) {
    const count = await clear();
    cleared += count;
    if (count < size) break;
  }
  return cleared;
}

/**
 * Always from the beginning of the stream and without a gap, whatever the writers' clocks said: an event that is still
 * there proves to its reader that all later ones are (server/events/hub.ts).
 */
const clearEvents = ({ db }: Deps, before: Date, batch: number): Promise<number> => db.$executeRaw`
  DELETE FROM "Event" WHERE "id" IN (
    SELECT "id" FROM (
      SELECT "id", bool_and("createdAt" < ${before}) OVER (ORDER BY "xid", "id") AS old
      FROM (SELECT "xid", "id", "createdAt" FROM "Event" ORDER BY "xid", "id" LIMIT ${batch}) first
    ) judged WHERE old
  )`;

/**
 * Not those of an operation that still believes itself under way: markLost() finds by them that it is lost. Inputs,
 * outputs and steps hang on no foreign key (deleteWorkflows of dbos-sdk 5.3.0 takes the same tables).
 */
async function clearWorkflows({ db }: Deps, keptMs: number, batch: number): Promise<number> {
  const [{ n }] = await db.$queryRaw<[{ n: number }]>`
    WITH ended AS (
      DELETE FROM dbos.workflow_status WHERE workflow_uuid IN (
        SELECT w.workflow_uuid FROM dbos.workflow_status w
        WHERE w.completed_at < (EXTRACT(epoch FROM clock_timestamp()) * 1000)::bigint - ${keptMs}
          AND w.status NOT IN ('ENQUEUED', 'DELAYED', 'PENDING')
          AND NOT EXISTS (
            SELECT FROM "OperationAttempt" a JOIN "Operation" o ON o."id" = a."operationId"
            WHERE a."workflowId" = w.workflow_uuid AND a."attempt" = o."attempt" AND o."state" IN ('queued', 'running'))
        ORDER BY w.completed_at LIMIT ${batch}
        FOR UPDATE OF w SKIP LOCKED
      ) RETURNING workflow_uuid AS id
    ),
    inputs AS (DELETE FROM dbos.workflow_input USING ended WHERE workflow_uuid = ended.id),
    outputs AS (DELETE FROM dbos.workflow_output USING ended WHERE workflow_uuid = ended.id),
    steps AS (DELETE FROM dbos.operation_outputs USING ended WHERE workflow_uuid = ended.id)
    SELECT count(*)::int AS n FROM ended`;
  return n;
}
