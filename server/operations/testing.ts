/**
 * The harness that every operation goes through: on a real PostgreSQL and the simulated agent, with a durable
 * runner of its own instead of DBOS's, so that a test decides what is made twice and where it breaks.
 *
 * How an operation is asked for is the same as in the product: order() and requestPower(), with DBOS's
 * enqueueing in the same transaction. Only who takes it from the queue differs.
 */
import { AgentError } from '../../compute-agent/contract/errors.ts';
import { createSimulatedAgent, type SimulatedAgent } from '../agent-client/simulated.ts';
import { systemClock } from '../clock.ts';
import { PublicError } from '../errors.ts';
import type { OperationState, StepState } from '../generated/prisma/enums.ts';
import { applyInventory } from '../hosts/observe.ts';
import { systemRandom } from '../ids.ts';
import { createLogger } from '../log.ts';
import { order } from '../servers/order.ts';
import { type PowerAction, type PowerRequest, requestPower } from '../servers/power.ts';
import type { OrderInput } from '../servers/schema.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { defaultSettings, type Json, type OperationDeps, type OperationSettings } from './definition.ts';
import { definitions } from './definitions.ts';
import type { Actor } from './request.ts';
import { type Durable, runOperation } from './run.ts';
import { ACCOUNT, DIGEST, HOST, PRICE_WITH_TAX, seedStock } from './testing-stock.ts';

const actor: Actor = { kind: 'user', id: null, requestId: 'harness' };

export type Harness = {
  deps: OperationDeps;
  agent: SimulatedAgent;
  /** The same database as one of the processes' users. */
  urlAs: TestDatabase['urlAs'];
  drop: () => Promise<void>;
  place: (over?: Partial<OrderInput>) => ReturnType<typeof order>;
  /** An ordered server whose create has succeeded. */
  running: () => Promise<string>;
  request: (action: PowerAction, serverId: string, input?: PowerRequest['input']) => Promise<string>;
  /** Makes the newest attempt to its end. */
  run: (operationId: string, durable?: Durable) => Promise<OperationState>;
  /** What a poll of the host says, applied. */
  observe: () => Promise<void>;
  steps: (operationId: string) => Promise<[string, StepState][]>;
};

export async function createHarness(settings: Partial<OperationSettings> = {}): Promise<Harness> {
  const database = await createTestDatabase();
  const agent = createSimulatedAgent({ hostId: HOST, images: [[DIGEST, 1000]] });
  const deps: OperationDeps = {
    db: database.db,
    clock: systemClock,
    random: systemRandom,
    log: createLogger('harness', process.env.TSUBO_LOG_LEVEL ?? 'silent'),
    agents: () => agent.api,
    settings: {
      ...defaultSettings,
      stopTimeoutMs: 150,
      stepBudgetMs: 30,
      retryMs: 1,
      takeoverMs: 200,
      lookMs: 5,
      ...settings,
    },
  };
  await seedStock(deps);

  let orders = 0;
  const harness: Harness = {
    deps,
    agent,
    urlAs: database.urlAs,
    drop: database.drop,
    place: async (over = {}) => {
      orders += 1;
      return order(harness.deps, ACCOUNT, actor, {
        clientKey: crypto.randomUUID(),
        zoneId: 'zone',
        planId: 'plan',
        imageId: 'img_harness',
        name: `web-${orders}`,
        virtio: true,
        deleteProtection: false,
        signIn: { method: 'password' },
        seenYenWithTax: PRICE_WITH_TAX,
        ...over,
      });
    },
    running: async () => {
      const { serverId, operationId } = await harness.place();
      const state = await harness.run(operationId);
      if (state !== 'succeeded') throw new Error(`the create ended ${state}`);
      return serverId;
    },
    request: (action, serverId, input) =>
      requestPower(harness.deps, {
        action,
        serverId,
        accountId: ACCOUNT,
        actor,
        role: 'owner',
        ...(input !== undefined && { input }),
      }),
    run: async (operationId, durable = once) => {
      const { kind, attempt } = await harness.deps.db.operation.findUniqueOrThrow({ where: { id: operationId } });
      await runOperation(harness.deps, durable, definitions[kind], operationId, attempt);
      return (await harness.deps.db.operation.findUniqueOrThrow({ where: { id: operationId } })).state;
    },
    observe: async () => {
      const at = harness.deps.clock.now();
      const { bootId, observations } = await agent.api.inventory({});
      await applyInventory(harness.deps, { hostId: HOST, bootId, at, observations });
    },
    steps: async (operationId) => {
      const { attempt } = await harness.deps.db.operation.findUniqueOrThrow({ where: { id: operationId } });
      const rows = await harness.deps.db.operationStep.findMany({
        where: { operationId, attempt },
        orderBy: { seq: 'asc' },
      });
      return rows.map((row) => [row.name, row.state]);
    },
  };
  return harness;
}

// ------------------------------------------------------------------ who makes the pieces

/** As DBOS does when nothing goes wrong. */
export const once: Durable = { step: (_, work) => work() };

/** Each piece again after it was done: a worker that died before its result was recorded. */
export const twice: Durable = {
  step: async (_, work) => {
    await work();
    return work();
  },
};

/** Each piece by two workers at the same time: one that was frozen wakes up while the other runs. */
export const atOnce: Durable = {
  step: async (_, work) => {
    const [first] = await Promise.all([work(), work()]);
    return first;
  },
};

class Killed extends Error {
  override readonly name = 'Killed';
}

/** The worker dies after (or before) the n-th piece; the pieces recorded so far are what the next one finds. */
function killedAt(n: number, when: 'before' | 'after', record: Map<string, Json>): Durable {
  let pieces = 0;
  return {
    step: async <T extends Json>(name: string, work: () => Promise<T>): Promise<T> => {
      const recorded = record.get(name);
      if (recorded !== undefined) return recorded as T;
      const dies = pieces++ === n;
      if (dies && when === 'before') throw new Killed(name);
      const result = await work();
      if (dies) throw new Killed(name);
      record.set(name, result);
      return result;
    },
  };
}

/** Runs an operation with a worker that dies at piece n and a second one that goes on. False: there is no n-th piece. */
export async function killAndResume(
  harness: Harness,
  operationId: string,
  n: number,
  when: 'before' | 'after',
): Promise<boolean> {
  const record = new Map<string, Json>();
  try {
    await harness.run(operationId, killedAt(n, when, record));
    return false;
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
  }
  await harness.run(operationId, killedAt(Number.POSITIVE_INFINITY, 'after', record));
  return true;
}

export const hostError = (code: AgentError['code']): AgentError => new AgentError(code, `injected ${code}`);
export const codeOf = (answer: Promise<unknown>): Promise<string> =>
  answer.then(
    () => 'none',
    (error: unknown) => {
      if (error instanceof PublicError) return error.code;
      throw error;
    },
  );
