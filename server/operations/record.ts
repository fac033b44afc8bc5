/**
 * The rows of an operation, written in short transactions, each on the condition that the operation still is
 * in this attempt: a worker that wakes up late finds that its words no longer count.
 */
import type { Tx } from '../db.ts';
import { emit } from '../events/emit.ts';
import type { StepState } from '../generated/prisma/enums.ts';
import { type Json, type OperationDeps, type OperationFacts, Superseded } from './definition.ts';

type Attempt = Pick<OperationFacts, 'id' | 'attempt' | 'accountId' | 'serverId'>;

/** Tells open pages: of the operation, and where the server's own state changes by it, of the server. */
export async function tell(
  tx: Tx,
  deps: Pick<OperationDeps, 'clock'>,
  operation: Omit<Attempt, 'attempt'>,
  kind: string,
  server: boolean,
) {
  const same = { accountId: operation.accountId, kind, at: deps.clock.now() };
  const subjects = [`operation:${operation.id}`, ...(server ? [`server:${operation.serverId}`] : [])];
  await emit(tx, ...subjects.map((subject) => ({ ...same, subject })));
}

export type StepStart = { state: 'run'; startedAt: Date } | { state: 'done'; output: Json };

/*
 * The two statements that every step makes are one round trip each, with the event in the same statement (what
 * `emit` would write), and do not wait for the disk: when PostgreSQL dies, the last of them may be lost, and the
 * step is made once more, as after any other crash. What ends an operation waits, and so makes them all last.
 */

/**
 * Marks a step as running, unless it has its result already. The operation is locked for it: whoever is about to end
 * the attempt is waited for, or closes this step too.
 * @throws Superseded when the operation is not in this attempt any more
 */
export async function beginStep(deps: OperationDeps, operation: Attempt, seq: number): Promise<StepStart> {
  const { id, attempt, accountId } = operation;
  const now = deps.clock.now();
  const rows = await deps.db.$queryRaw<{ startedAt: Date }[]>`
    WITH lazy AS (SELECT set_config('synchronous_commit', 'off', true)), mine AS (
      SELECT "id" FROM "Operation" WHERE "id" = ${id} AND "attempt" = ${attempt} AND "state" = 'running' FOR SHARE
    ), begun AS (
      UPDATE "OperationStep" s SET "state" = 'running', "startedAt" = COALESCE(s."startedAt", ${now})
      FROM mine o, lazy
      WHERE o."id" = s."operationId" AND s."attempt" = ${attempt} AND s."seq" = ${seq} AND s."state" IN ('waiting', 'running')
      RETURNING s."startedAt"
    ), told AS (
      INSERT INTO "Event" ("accountId", "subject", "kind", "createdAt")
      SELECT ${accountId}, ${`operation:${id}`}, 'step', ${now} FROM begun WHERE begun."startedAt" = ${now}
    )
    SELECT "startedAt" FROM begun`;
  const row = rows[0];
  if (row) return { state: 'run', startedAt: row.startedAt };
  await assertMine(deps.db, operation);
  const step = await readStep(deps, operation, seq);
  if (isEnd(step.state)) return { state: 'done', output: step.output as Json };
  // Failed by the other execution of this attempt: going through it once more decides the same way.
  return { state: 'run', startedAt: step.startedAt ?? now };
}

/** Ends a step. The first word counts: when another execution of this attempt was first, its output is returned. */
export async function endStep(
  deps: OperationDeps,
  operation: Attempt,
  seq: number,
  output: Json,
  state: 'done' | 'skipped' = 'done',
): Promise<Json> {
  const { id, attempt, accountId } = operation;
  const now = deps.clock.now();
  const rows = await deps.db.$queryRaw<unknown[]>`
    WITH lazy AS (SELECT set_config('synchronous_commit', 'off', true)), ended AS (
      UPDATE "OperationStep" s SET "state" = ${state}::"StepState", "output" = ${JSON.stringify(output)}::jsonb,
        "startedAt" = COALESCE(s."startedAt", ${now}), "endedAt" = ${now}
      FROM lazy
      WHERE s."operationId" = ${id} AND s."attempt" = ${attempt} AND s."seq" = ${seq} AND s."state" IN ('waiting', 'running')
      RETURNING s."seq"
    ), told AS (
      INSERT INTO "Event" ("accountId", "subject", "kind", "createdAt")
      SELECT ${accountId}, ${`operation:${id}`}, 'step', ${now} FROM ended
    )
    SELECT "seq" FROM ended`;
  if (rows.length === 1) return output;
  const step = await readStep(deps, operation, seq);
  return isEnd(step.state) ? (step.output as Json) : output;
}

/** How another execution of this attempt has ended the step, or undone it; null where none has. */
export async function findEnd(
  deps: OperationDeps,
  operation: Attempt,
  seq: number,
  direction: 'forward' | 'undo',
): Promise<{ output: Json } | null> {
  const { state, output } = await readStep(deps, operation, seq);
  if (direction === 'undo') return state === 'undone' ? { output: null } : null;
  return isEnd(state) ? { output: output as Json } : null;
}

const readStep = (deps: OperationDeps, { id, attempt }: Attempt, seq: number) =>
  deps.db.operationStep.findUniqueOrThrow({
    where: { operationId_attempt_seq: { operationId: id, attempt, seq } },
  });
const isEnd = (state: StepState): boolean => state === 'done' || state === 'skipped';

/** The host's last word about a step, for staff; also while it is tried again. */
export async function noteWord(deps: OperationDeps, operation: Attempt, seq: number, hostWord: string): Promise<void> {
  await deps.db.operationStep.updateMany({
    where: { operationId: operation.id, attempt: operation.attempt, seq },
    data: { hostWord: hostWord.slice(0, 2000) },
  });
}

export async function markStep(
  deps: OperationDeps,
  operation: Attempt,
  seq: number,
  state: 'failed' | 'undone',
): Promise<void> {
  await deps.db.$transaction(async (tx) => {
    const { count } = await tx.operationStep.updateMany({
      where: {
        operationId: operation.id,
        attempt: operation.attempt,
        seq,
        // Another execution may have ended it well in the meantime; that counts.
        state: state === 'failed' ? { in: ['waiting', 'running'] } : { not: state },
      },
      data: { state, endedAt: deps.clock.now() },
    });
    if (count) await tell(tx, deps, operation, 'step', false);
  });
}

/** Beginning of an attempt in the audit log; its end is written by the worker that ends it. */
export async function auditBegin(
  tx: Tx,
  operation: Attempt & { kind: string },
  actor: { kind: string; id: string | null; requestId: string | null; reason?: string | null },
  direction: 'forward' | 'undo',
  at: Date,
): Promise<void> {
  await tx.audit.create({
    data: {
      ...auditSame(operation),
      phase: 'started',
      at,
      actorKind: actor.kind,
      actorId: actor.id,
      requestId: actor.requestId,
      reason: actor.reason ?? null,
      onBehalfOf: actor.kind === 'staff' ? operation.accountId : null,
      ...(direction === 'undo' && { after: { direction } }),
    },
  });
}

export async function auditEnd(
  tx: Tx,
  operation: Attempt & { kind: string },
  errorCode: string | null,
  at: Date,
): Promise<void> {
  const same = auditSame(operation);
  const begun = await tx.audit.findFirst({ where: { entryId: same.entryId, phase: 'started' } });
  await tx.audit.create({
    data: {
      ...same,
      phase: errorCode ? 'failed' : 'completed',
      at,
      errorCode,
      actorKind: begun?.actorKind ?? 'system',
      actorId: begun?.actorId ?? null,
      requestId: begun?.requestId ?? null,
      reason: begun?.reason ?? null,
      onBehalfOf: begun?.onBehalfOf ?? null,
      ...(begun?.after && { after: begun.after }),
    },
  });
}

/** One entry of the audit log per attempt. */
export const auditEntry = (operationId: string, attempt: number): string => `${operationId}.${attempt}`;

const auditSame = (operation: Attempt & { kind: string }) => ({
  entryId: auditEntry(operation.id, operation.attempt),
  accountId: operation.accountId,
  action: `operation.${operation.kind}`,
  subject: `server:${operation.serverId}`,
});

/** @throws Superseded */
export async function assertMine(tx: Pick<Tx, 'operation'>, operation: Pick<Attempt, 'id' | 'attempt'>): Promise<void> {
  const row = await tx.operation.findUniqueOrThrow({
    where: { id: operation.id },
    select: { state: true, attempt: true },
  });
  if (row.attempt !== operation.attempt || row.state !== 'running') {
    throw new Superseded(`operation ${operation.id} is ${row.state} in attempt ${row.attempt}`);
  }
}

/**
 * A step's own transaction on the server's rows, as fence: whoever ends, retries or takes over an operation holds the
 * server's row, so what is asked behind it stays true until the commit. The server's is always the first of row locks.
 * @throws Superseded
 */
export async function whileMine<T>(
  deps: Pick<OperationDeps, 'db'>,
  operation: Pick<Attempt, 'id' | 'attempt' | 'serverId'>,
  work: (tx: Tx) => Promise<T>,
  /** A lock that is to be had before the server's. */
  lockFirst?: (tx: Tx) => Promise<void>,
): Promise<T> {
  return deps.db.$transaction(async (tx) => {
    await lockFirst?.(tx);
    await tx.$queryRaw`SELECT FROM "Server" WHERE "id" = ${operation.serverId} FOR UPDATE`;
    await assertMine(tx, operation);
    return work(tx);
  });
}

/** No step outlives its attempt: the one in which it was taken over is not needed any more. */
export async function closeSteps(tx: Tx, operationId: string, attempt: number, endedAt: Date): Promise<void> {
  await tx.operationStep.updateMany({
    where: { operationId, attempt, state: 'running' },
    data: { state: 'skipped', endedAt },
  });
}
