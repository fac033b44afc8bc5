/**
 * The rows of an operation, written in short transactions, each on the condition that the operation still is
 * in this attempt: a worker that wakes up late finds that its words no longer count.
 */
import type { Tx } from '../db.ts';
import { emit } from '../events/emit.ts';
import type { Prisma } from '../generated/prisma/client.ts';
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

/**
 * Marks a step as running, unless it has its result already.
 * @throws Superseded when the operation is not in this attempt any more
 */
export async function beginStep(deps: OperationDeps, operation: Attempt, seq: number): Promise<StepStart> {
  return deps.db.$transaction(async (tx) => {
    const now = deps.clock.now();
    const rows = await tx.$queryRaw<{ startedAt: Date; fresh: boolean }[]>`
      UPDATE "OperationStep" s SET "state" = 'running', "startedAt" = COALESCE(s."startedAt", ${now})
      FROM "Operation" o
      WHERE o."id" = s."operationId" AND o."id" = ${operation.id} AND o."attempt" = ${operation.attempt} AND o."state" = 'running'
        AND s."attempt" = ${operation.attempt} AND s."seq" = ${seq} AND s."state" IN ('waiting', 'running')
      RETURNING s."startedAt", s."startedAt" = ${now} AS fresh`;
    const row = rows[0];
    if (row) {
      if (row.fresh) await tell(tx, deps, operation, 'step', false);
      return { state: 'run', startedAt: row.startedAt };
    }
    await assertMine(tx, operation);
    const step = await tx.operationStep.findUniqueOrThrow({
      where: { operationId_attempt_seq: { operationId: operation.id, attempt: operation.attempt, seq } },
    });
    if (step.state === 'done' || step.state === 'skipped') return { state: 'done', output: step.output as Json };
    // Failed by the other execution of this attempt: going through it once more decides the same way.
    return { state: 'run', startedAt: step.startedAt ?? now };
  });
}

/** Ends a step. The first word counts: when another execution of this attempt was first, its output is returned. */
export async function endStep(
  deps: OperationDeps,
  operation: Attempt,
  seq: number,
  output: Json,
  state: 'done' | 'skipped' = 'done',
): Promise<Json> {
  return deps.db.$transaction(async (tx) => {
    const where = { operationId: operation.id, attempt: operation.attempt, seq };
    const now = deps.clock.now();
    const { count } = await tx.operationStep.updateMany({
      where: { ...where, state: { in: ['waiting', 'running'] } },
      data: {
        state,
        output: output as Prisma.InputJsonValue,
        endedAt: now,
        ...(state === 'skipped' && { startedAt: now }),
      },
    });
    if (count === 1) {
      await tell(tx, deps, operation, 'step', false);
      return output;
    }
    const step = await tx.operationStep.findUniqueOrThrow({ where: { operationId_attempt_seq: where } });
    return step.state === 'done' || step.state === 'skipped' ? (step.output as Json) : output;
  });
}

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
      where: { operationId: operation.id, attempt: operation.attempt, seq, state: { not: state } },
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
    },
  });
}

const auditSame = (operation: Attempt & { kind: string }) => ({
  entryId: `${operation.id}.${operation.attempt}`,
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
