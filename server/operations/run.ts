/**
 * Makes an operation: its steps in order; when one fails, the undo of all that may have begun, backwards; at
 * the end one transaction that says how it went. Each piece is one durable step, so that after a crash the
 * next worker goes on behind the last piece that was recorded.
 *
 * It ends in one of: succeeded · failed (everything undone) · undone (by staff) · superseded · stuck, where
 * nobody can say what is true, or an undo failed. What is stuck keeps its lock until staff retry or undo.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { OperationState } from '../generated/prisma/enums.ts';
import type { Definition, Json, OperationDeps, OperationFacts, Results } from './definition.ts';
import { type FailureCode, isDatabaseAway } from './failure.ts';
import { auditEnd, closeSteps, tell } from './record.ts';
import { type Attempt, makeStep, type Outcome, startAttempt, undoStep } from './step.ts';

/** What makes pieces durable: DBOS in the worker, a test's own in the harness. */
export type Durable = { step: <T extends Json>(name: string, work: () => Promise<T>) => Promise<T> };

type Begun = { operation: OperationFacts; direction: 'forward' | 'undo' } | null;
type Ending = {
  state: Extract<OperationState, 'succeeded' | 'failed' | 'undone' | 'stuck'>;
  code?: FailureCode;
  word?: string;
};

export async function runOperation(
  deps: OperationDeps,
  durable: Durable,
  definition: Definition,
  operationId: string,
  attemptNo: number,
): Promise<string> {
  const begun = (await durable.step('begin', () =>
    patiently(deps, () => begin(deps, operationId, attemptNo)),
  )) as Begun;
  const finish = async (ending: Ending, results: Results = {}): Promise<string> =>
    durable.step('end', () =>
      patiently(deps, () =>
        begun ? end(deps, definition, begun.operation, ending, results) : leave(deps, operationId, attemptNo),
      ),
    );
  if (!begun) return finish({ state: 'failed' });

  const attempt = startAttempt(deps, begun.operation);
  if (begun.direction === 'undo') {
    const undone = await undoFrom(durable, definition, attempt, definition.steps.length - 1);
    return finish(undone.is === 'done' ? { state: 'undone' } : endingOfUndo(undone));
  }

  const results: Results = {};
  for (const [seq, step] of definition.steps.entries()) {
    const outcome = (await durable.step(step.name, () => makeStep(attempt, step, seq, results))) as Outcome;
    if (outcome.is === 'done') {
      results[step.name] = outcome.output;
      continue;
    }
    if (outcome.is === 'superseded') return finish({ state: 'failed' });
    const { code, word } = outcome;
    if (outcome.unknown || definition.forwardOnly) return finish({ state: 'stuck', code, word });
    const undone = await undoFrom(durable, definition, attempt, seq);
    return finish(undone.is === 'done' ? { state: 'failed', code, word } : endingOfUndo(undone, word));
  }
  return finish({ state: 'succeeded' }, results);
}

/** From the step that failed (it may have half happened) back to the first. */
async function undoFrom(durable: Durable, definition: Definition, attempt: Attempt, from: number): Promise<Outcome> {
  for (let seq = from; seq >= 0; seq--) {
    const step = definition.steps[seq];
    if (!step?.undo) continue;
    const outcome = (await durable.step(`undo-${step.name}`, () => undoStep(attempt, step, seq))) as Outcome;
    if (outcome.is !== 'done') return outcome;
  }
  return { is: 'done', output: null };
}

const endingOfUndo = (undone: Exclude<Outcome, { is: 'done' }>, first?: string): Ending =>
  undone.is === 'superseded'
    ? { state: 'failed' }
    : {
        state: 'stuck',
        code: undone.code,
        word: `${first ? `${first}; then the ` : 'The '}undo failed: ${undone.word}`,
      };

type Row = Pick<OperationFacts, 'kind' | 'accountId' | 'generation' | 'input'> & {
  serverId: string | null;
  direction: 'forward' | 'undo';
};

/** queued → running, in one round trip. null when this attempt has nothing more to say. */
async function begin({ db, clock }: OperationDeps, id: string, attempt: number): Promise<Begun> {
  const now = clock.now();
  const rows = await db.$queryRaw<Row[]>`
    WITH begun AS (
      UPDATE "Operation" SET "state" = 'running', "startedAt" = COALESCE("startedAt", ${now})
      WHERE "id" = ${id} AND "attempt" = ${attempt} AND "state" IN ('queued', 'running')
      RETURNING "kind"::text, "accountId", "serverId", "generation", "input"
    ), told AS (
      INSERT INTO "Event" ("accountId", "subject", "kind", "createdAt")
      SELECT "accountId", subject, 'running', ${now}
      FROM begun CROSS JOIN LATERAL (VALUES ('operation:' || ${id}), ('server:' || "serverId")) s (subject)
    )
    SELECT begun.*, (SELECT "direction" FROM "OperationAttempt" WHERE "operationId" = ${id} AND "attempt" = ${attempt}) AS direction
    FROM begun`;
  const row = rows[0];
  if (!row) return null;
  const { direction, serverId, ...facts } = row;
  if (!serverId) throw new Error(`operation ${id} has no server`);
  return { operation: { ...facts, id, attempt, serverId }, direction };
}

async function end(
  deps: OperationDeps,
  definition: Definition,
  operation: OperationFacts,
  ending: Ending,
  results: Results,
): Promise<string> {
  const { id, attempt, serverId } = operation;
  const state = await deps.db.$transaction(async (tx) => {
    const now = deps.clock.now();
    // The server first, as every request does: two transactions that meet here take their locks in one order.
    await tx.$queryRaw`SELECT FROM "Server" WHERE "id" = ${serverId} FOR UPDATE`;
    const { count } = await tx.operation.updateMany({
      where: { id, attempt, state: 'running' },
      data: {
        state: ending.state,
        errorCode: ending.code ?? null,
        errorDetail: ending.word?.slice(0, 4000) ?? null,
        endedAt: ending.state === 'stuck' ? null : now,
      },
    });
    const row = await tx.operation.findUniqueOrThrow({ where: { id }, select: { state: true } });
    const outcome = count === 1 ? ending.state : row.state;
    const closed = await tx.operationAttempt.updateMany({
      where: { operationId: id, attempt, endedAt: null },
      data: { endedAt: now, outcome },
    });
    await closeSteps(tx, id, attempt, now);
    if (count === 1) {
      if (ending.state === 'succeeded') await definition.onSuccess?.(tx, operation, results, now);
      else if (ending.state !== 'stuck') await definition.onFailure?.(tx, operation, ending.code ?? 'OTHER');
      // Of an attempt to undo, `undone` is the success.
      const isWell = ending.state === 'succeeded' || ending.state === 'undone';
      await auditEnd(tx, operation, isWell ? null : (ending.code ?? ending.state), now);
    }
    if (count === 1 || closed.count === 1) await tell(tx, deps, operation, outcome, true);
    return outcome;
  });
  deps.log.info(
    { operationId: id, attempt, serverId, kind: operation.kind, state, code: ending.code },
    'operation ended',
  );
  return state;
}

/** Superseded before it began: only the attempt is closed, so that whoever waits for it goes on. */
async function leave(deps: OperationDeps, operationId: string, attempt: number): Promise<string> {
  const now = deps.clock.now();
  await deps.db.$transaction(async (tx) => {
    await tx.operationAttempt.updateMany({
      where: { operationId, attempt, endedAt: null },
      data: { endedAt: now, outcome: 'superseded' },
    });
    await closeSteps(tx, operationId, attempt, now);
  });
  return 'superseded';
}

async function patiently<T>(deps: OperationDeps, work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isDatabaseAway(error)) throw error;
      deps.log.warn({ err: error }, 'operation: the database is away');
      await sleep(500);
    }
  }
}
