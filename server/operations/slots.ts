/**
 * Worker slots: a heartbeat each, and the takeover of what a dead one left. DBOS gives a workflow to nobody
 * else by itself (docs/decisions/0001): a slot that was silent for too long has its workflows put back into
 * the queue. It may only be frozen; then both run for a moment, which every step bears.
 *
 * All times are PostgreSQL's: the machines' clocks need not agree.
 */
import type { Deps } from '../deps.ts';
import type { OperationKind } from '../generated/prisma/enums.ts';
import { auditEnd, closeSteps, tell } from './record.ts';
import { QUEUE, QUEUE_CHANNEL } from './request.ts';

/** @returns the living slots, this one among them, in the same statement */
export async function beat({ db }: Deps, slot: string, pid: number, silentMs: number): Promise<string[]> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    WITH beaten AS (
      INSERT INTO "WorkerSlot" ("id", "pid", "startedAt", "heartbeatAt")
      VALUES (${slot}, ${pid}, clock_timestamp() AT TIME ZONE 'UTC', clock_timestamp() AT TIME ZONE 'UTC')
      ON CONFLICT ("id") DO UPDATE SET
        "startedAt" = CASE WHEN "WorkerSlot"."pid" = ${pid} THEN "WorkerSlot"."startedAt" ELSE EXCLUDED."startedAt" END,
        "pid" = ${pid}, "heartbeatAt" = EXCLUDED."heartbeatAt"
      RETURNING "id"
    )
    SELECT "id" FROM beaten UNION
    SELECT "id" FROM "WorkerSlot"
    WHERE "heartbeatAt" > clock_timestamp() AT TIME ZONE 'UTC' - ${silentMs / 1000} * interval '1 second' ORDER BY "id"`;
  return rows.map((row) => row.id);
}

/** An orderly end: the others need not wait for the silence. */
export async function endSlot({ db }: Deps, slot: string): Promise<void> {
  await db.$executeRaw`UPDATE "WorkerSlot" SET "heartbeatAt" = 'epoch' WHERE "id" = ${slot}`;
}

/**
 * One statement, and so on the condition that the slot is silent at the moment of writing. DBOS's own resumeWorkflow
 * takes a workflow from whoever has it: a sweeper that was slower than another would pull it back from the living
 * worker that the first one's sweep gave it to. What is set is what resumeWorkflow sets (dbos-sdk 5.3.0).
 * @returns ids of the workflows that were put back into the queue
 */
export async function takeOver(deps: Deps, silentMs: number): Promise<string[]> {
  const rows = await deps.db.$queryRaw<{ id: string; executor: string }[]>`
    WITH taken AS (
      UPDATE dbos.workflow_status w
      SET status = 'ENQUEUED', queue_name = ${QUEUE}, owner_xid = NULL, recovery_attempts = 0,
        workflow_deadline_epoch_ms = NULL, deduplication_id = NULL, started_at_epoch_ms = NULL, completed_at = NULL,
        updated_at = (EXTRACT(epoch FROM clock_timestamp()) * 1000)::bigint
      WHERE w.status = 'PENDING' AND w.name IS NOT NULL AND NOT EXISTS (
        SELECT FROM "WorkerSlot" s WHERE s."id" = w.executor_id
          AND s."heartbeatAt" > clock_timestamp() AT TIME ZONE 'UTC' - ${silentMs / 1000} * interval '1 second')
      RETURNING w.workflow_uuid AS id, w.executor_id AS executor
    )
    SELECT id, executor, pg_notify(${QUEUE_CHANNEL}, '')::text FROM taken`;
  for (const { id, executor } of rows)
    deps.log.warn({ workflowId: id, from: executor }, 'slots: took over from a silent worker');
  return rows.map((row) => row.id);
}

/** Between the claim of a workflow and its start lie some small queries. */
const CLAIM_MS = 10_000;

/**
 * Workflows that this slot has claimed and that nobody makes: PostgreSQL committed the claim and died, or the
 * connection did, before the answer; or DBOS could not begin it. The slot lives, so nobody would ever take them over.
 * @param isRunningHere whether an execution of this workflow is under way in this process
 * @returns ids of the workflows that were put back into the queue
 */
export async function putBackUnmade(
  deps: Deps,
  slot: string,
  isRunningHere: (workflowId: string) => boolean,
  claimMs = CLAIM_MS,
): Promise<string[]> {
  const claimed = await deps.db.$queryRaw<{ id: string; owner: string | null }[]>`
    SELECT workflow_uuid AS id, owner_xid AS owner FROM dbos.workflow_status
    WHERE status = 'PENDING' AND name IS NOT NULL AND executor_id = ${slot}
      AND COALESCE(started_at_epoch_ms, 0) < (EXTRACT(epoch FROM clock_timestamp()) * 1000)::bigint - ${claimMs}`;
  const back: string[] = [];
  for (const { id, owner } of claimed.filter((row) => !isRunningHere(row.id))) {
    const rows = await deps.db.$queryRaw<unknown[]>`
      WITH back AS (
        UPDATE dbos.workflow_status
        SET status = 'ENQUEUED', queue_name = ${QUEUE}, owner_xid = NULL, recovery_attempts = 0, started_at_epoch_ms = NULL,
          updated_at = (EXTRACT(epoch FROM clock_timestamp()) * 1000)::bigint
        WHERE workflow_uuid = ${id} AND status = 'PENDING' AND executor_id = ${slot}
          AND owner_xid IS NOT DISTINCT FROM ${owner}
        RETURNING workflow_uuid
      )
      SELECT pg_notify(${QUEUE_CHANNEL}, '')::text FROM back`;
    if (rows.length === 0) continue;
    deps.log.error({ workflowId: id }, 'slots: claimed here, but nobody makes it');
    back.push(id);
  }
  return back;
}

/**
 * Operations whose workflow has ended without ending them: a defect of ours, or rows that were tampered with.
 * Staff see them as stuck instead of customers seeing them run for ever.
 */
export async function markLost(deps: Deps): Promise<number> {
  const lost = await deps.db.$queryRaw<Lost[]>`
    SELECT o."id", o."attempt", o."kind"::text, o."accountId", o."serverId", w.status FROM "Operation" o
    JOIN dbos.workflow_status w ON w.workflow_uuid = o."id" || ':' || o."attempt"
    WHERE o."state" IN ('queued', 'running') AND w.status NOT IN ('ENQUEUED', 'DELAYED', 'PENDING')
      AND w.updated_at < (EXTRACT(epoch FROM clock_timestamp()) * 1000)::bigint - 5000`;
  for (const { status, serverId, ...operation } of lost) {
    const { id, attempt } = operation;
    deps.log.error({ operationId: id, attempt, status }, 'slots: the workflow ended without ending its operation');
    await deps.db.$transaction(async (tx) => {
      const now = deps.clock.now();
      // The server first, as every request does.
      await tx.$queryRaw`SELECT FROM "Server" WHERE "id" = ${serverId} FOR UPDATE`;
      const { count } = await tx.operation.updateMany({
        where: { id, attempt, state: { in: ['queued', 'running'] } },
        data: { state: 'stuck', errorCode: 'OTHER', errorDetail: `its workflow ended with ${status}` },
      });
      // Another worker saw it as well, or it was superseded in between.
      if (count === 0) return;
      await tx.operationAttempt.updateMany({
        where: { operationId: id, attempt, endedAt: null },
        data: { endedAt: now, outcome: 'stuck' },
      });
      await closeSteps(tx, id, attempt, now);
      if (!serverId) return;
      await auditEnd(tx, { ...operation, serverId }, 'OTHER', now);
      await tell(tx, deps, { ...operation, serverId }, 'stuck', true);
    });
  }
  return lost.length;
}

type Lost = {
  id: string;
  attempt: number;
  kind: OperationKind;
  accountId: string;
  serverId: string | null;
  status: string;
};
