/**
 * One step, made to its end: begun in the rows, tried until it succeeds, fails or its budget is spent, ended in
 * the rows. It returns what became of it instead of throwing, because DBOS records returned values whole.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { AgentError } from '../../compute-agent/contract/errors.ts';
import type { AgentAddress } from '../deps.ts';
import { agentForStep } from './agent.ts';
import { type Body, loadBody } from './body.ts';
import {
  type Json,
  type OperationDeps,
  type OperationFacts,
  type Results,
  type Step,
  type StepContext,
  Superseded,
} from './definition.ts';
import { type FailureCode, judge, StepFailed } from './failure.ts';
import { assertMine, beginStep, endStep, findEnd, markStep, noteWord } from './record.ts';
import { stepOrder } from './step-order.ts';

export type Outcome =
  | { is: 'done'; output: Json }
  | { is: 'superseded' }
  /** unknown: the budget was spent without an answer, so nobody can say what is true on the host. */
  | { is: 'failed'; code: FailureCode; word: string; unknown: boolean };

/** Tries after which the budget may end it: a step that woke up late, beyond its time, still gets these. */
const TRIES_AT_LEAST = 3;
const PAUSE_GROWTH_MAX = 16;
const DATABASE_PAUSE_MS = 500;

export type Attempt = {
  deps: OperationDeps;
  operation: OperationFacts;
  /** Shared by the steps of an attempt. */
  body: () => Promise<Body>;
  host: () => Promise<AgentAddress | null>;
};

export function startAttempt(deps: OperationDeps, operation: OperationFacts): Attempt {
  let loaded: Promise<Body> | undefined;
  let place: AgentAddress | null = null;
  return {
    deps,
    operation,
    body: () => {
      loaded ??= loadBody(deps.db, operation.serverId).catch((error: unknown) => {
        loaded = undefined;
        throw error;
      });
      return loaded;
    },
    // Within an attempt a server does not move; where it has no place yet, the next step looks again.
    host: async () => {
      place ??=
        (
          await deps.db.placement.findFirst({
            where: { serverId: operation.serverId, endedAt: null },
            select: { host: { select: { id: true } } },
          })
        )?.host ?? null;
      return place;
    },
  };
}

export async function makeStep(attempt: Attempt, step: Step, seq: number, results: Results): Promise<Outcome> {
  const { deps, operation } = attempt;
  return untilDecided(attempt, async (): Promise<Outcome> => {
    const begun = await beginStep(deps, operation, seq);
    if (begun.state === 'done') return { is: 'done', output: begun.output };
    if (step.when && !step.when(results, operation.input)) {
      return { is: 'done', output: await endStep(deps, operation, seq, null, 'skipped') };
    }
    const context = contextOf(attempt, step, stepOrder(seq, 'forward'), begun.startedAt, results);
    const tried = await tryAgainAndAgain(attempt, seq, 'forward', begun.startedAt, () => step.run(context));
    if (tried.is === 'done') return { is: 'done', output: await endStep(deps, operation, seq, tried.output) };
    await markStep(deps, operation, seq, 'failed');
    return tried;
  });
}

export async function undoStep(attempt: Attempt, step: Step, seq: number): Promise<Outcome> {
  const { deps, operation } = attempt;
  const { undo } = step;
  if (!undo) return { is: 'done', output: null };
  return untilDecided(attempt, async () => {
    await assertMine(deps.db, operation);
    const begunAt = deps.clock.now();
    const context = contextOf(attempt, step, stepOrder(seq, 'undo'), begunAt, {});
    const tried = await tryAgainAndAgain(attempt, seq, 'undo', begunAt, async () => {
      await undo(context);
      return null;
    });
    if (tried.is === 'done') await markStep(deps, operation, seq, 'undone');
    return tried;
  });
}

function contextOf(
  attempt: Attempt,
  step: Step,
  order: ReturnType<typeof stepOrder>,
  startedAt: Date,
  results: Results,
): StepContext {
  const { deps, operation, body, host } = attempt;
  const { serverId, generation } = operation;
  const requestId = `${operation.id}.${operation.attempt}.${step.name}`;
  return {
    deps,
    operation,
    step: step.name,
    startedAt,
    results,
    target: { serverId, generation, step: order.reaching },
    preparing: { serverId, generation, step: order.preparing },
    body,
    host,
    agent: async () => {
      const found = await host();
      if (!found) throw new StepFailed('OTHER', `server ${operation.serverId} has no place`);
      return agentForStep(deps, found, requestId);
    },
    stillMine: () => assertMine(deps.db, operation),
  };
}

/** Within the step's budget: BUSY, UNKNOWN_OUTCOME and HYPERVISOR_AWAY are asked again, with growing pauses. */
async function tryAgainAndAgain(
  attempt: Attempt,
  seq: number,
  direction: 'forward' | 'undo',
  startedAt: Date,
  work: () => Promise<Json>,
): Promise<Outcome> {
  const { deps, operation } = attempt;
  const { settings, clock, log } = deps;
  const end = startedAt.getTime() + settings.stepBudgetMs;
  for (
    let tries = 1, pause = settings.retryMs;
    ;
    tries++, pause = Math.min(pause * 2, settings.retryMs * PAUSE_GROWTH_MAX)
  ) {
    try {
      return { is: 'done', output: await work() };
    } catch (error) {
      const verdict = judge(error);
      if (error instanceof Superseded || verdict.do === 'database') throw error;
      const overtaken = isOvertaken(error);
      if (overtaken) {
        // By the other execution of this attempt: it has ended the operation (then this one says nothing more), or
        // this step, or is still in it.
        await assertMine(deps.db, operation);
        const ended = await findEnd(deps, operation, seq, direction);
        if (ended) return { is: 'done', output: ended.output };
      }
      log.warn({ operationId: operation.id, attempt: operation.attempt, seq, tries, err: error }, 'step: not yet');
      await noteWord(deps, operation, seq, verdict.word);
      const spent = (overtaken || clock.now().getTime() >= end) && tries >= TRIES_AT_LEAST;
      if ((verdict.do === 'fail' && !overtaken) || spent)
        return { is: 'failed', code: verdict.code, word: verdict.word, unknown: verdict.do === 'again' };
      await sleep(pause);
      await assertMine(deps.db, operation);
    }
  }
}

const isOvertaken = (error: unknown): boolean =>
  error instanceof AgentError && (error.code === 'STALE_GENERATION' || error.code === 'GONE');

/** Without the database nothing can be decided or recorded: wait for it, however long it takes. */
async function untilDecided({ deps, operation }: Attempt, work: () => Promise<Outcome>): Promise<Outcome> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Superseded) return { is: 'superseded' };
      const verdict = judge(error);
      if (verdict.do !== 'database') {
        deps.log.error({ operationId: operation.id, err: error }, 'step: unexpected');
        return { is: 'failed', code: 'OTHER', word: verdict.word, unknown: false };
      }
      deps.log.warn({ operationId: operation.id, err: error }, 'step: the database is away');
      await sleep(DATABASE_PAUSE_MS);
    }
  }
}
