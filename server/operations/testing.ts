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
import { type PowerAction, requestPower } from '../servers/power.ts';
import type { OrderInput } from '../servers/schema.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { defaultSettings, type Json, type OperationDeps, type OperationSettings } from './definition.ts';
import { definitions } from './definitions.ts';
import type { Actor } from './request.ts';
import { type Durable, runOperation } from './run.ts';

export const DIGEST = 'd'.repeat(64);
export const ACCOUNT = 'acc_harness';
export const PRICE_WITH_TAX = 550;
export const HOST = 'hst_harness';
/** Addresses of each family in the pool. */
export const POOL_SIZE = 4;
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
  request: (action: PowerAction, serverId: string, input?: Json) => Promise<string>;
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
  await seed(deps);

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
export function killedAt(n: number, when: 'before' | 'after', record: Map<string, Json>): Durable {
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

// ------------------------------------------------------------------ nothing left over

/**
 * What is wrong between the rows and the host, in sentences. Every server is either whole (one place, one
 * address of each family, one disk, an active subscription, and a body that matches) or gone from both sides.
 */
export async function leftovers({ deps, agent }: Harness): Promise<string[]> {
  const servers = await deps.db.server.findMany({
    include: {
      placements: { where: { endedAt: null } },
      holds: { where: { until: null }, include: { address: true } },
      volumes: { where: { deletedAt: null } },
      subscription: true,
      operations: { where: { kind: 'create' } },
    },
  });
  const wrong: string[] = [];
  for (const server of servers) {
    const body = agent.bodies.get(server.id);
    const whole = server.deletedAt === null && server.operations[0]?.state === 'succeeded';
    const expect = (what: string, actual: unknown, wanted: unknown) => {
      if (actual !== wanted)
        wrong.push(`${server.id} (${whole ? 'whole' : 'gone'}): ${what} is ${actual}, should be ${wanted}`);
    };
    expect('places', server.placements.length, whole ? 1 : 0);
    for (const family of ['v4', 'v6'])
      expect(
        `${family} addresses`,
        server.holds.filter((hold) => hold.address.family === family).length,
        whole ? 1 : 0,
      );
    expect('disks', server.volumes.length, whole ? 1 : 0);
    expect('subscription', server.subscription?.state, whole ? 'active' : 'ended');
    expect('domain', body?.domain !== undefined, whole);
    expect("host's disks", [...(body?.volumes ?? [])].join(), whole ? server.volumes[0]?.id : '');
    expect('network', body?.network ?? false, whole);
    if (!whole) expect('seed', body?.seed ?? false, false);
    if (whole) expect('domain state', body?.domain?.state, server.intended === 'running' ? 'running' : 'off');
  }
  const known = new Set(servers.map((server) => server.id));
  for (const id of agent.bodies.keys()) if (!known.has(id)) wrong.push(`a body of nobody: ${id}`);
  const open = await deps.db.operationAttempt.count({ where: { endedAt: null } });
  if (open > 0) wrong.push(`${open} attempts without an end`);
  return wrong;
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

async function seed({ db, clock }: OperationDeps): Promise<void> {
  const now = clock.now();
  await db.account.create({ data: { id: ACCOUNT, name: 'Harness', createdAt: now } });
  await db.zone.create({ data: { id: 'zone', nameJa: '東京1', nameEn: 'Tokyo 1' } });
  await db.host.create({
    data: {
      id: HOST,
      zoneId: 'zone',
      name: 'harness',
      agentUrl: 'https://127.0.0.1:1',
      vcpuTotal: 8,
      memoryMiBTotal: 16_384,
      diskGiBTotal: 200,
      lastContactAt: new Date(now.getTime() + 3_600_000),
      joinedAt: now,
    },
  });
  for (const family of ['v4', 'v6'] as const) {
    const [net, gateway] = family === 'v4' ? ['10.77.0.', '10.77.0.1'] : ['fd77::', 'fd77::1'];
    await db.pool.create({
      data: {
        id: `pol_${family}`,
        zoneId: 'zone',
        family,
        cidr: family === 'v4' ? '10.77.0.0/24' : 'fd77::/64',
        gateway,
        prefix: family === 'v4' ? 24 : 64,
      },
    });
    await db.address.createMany({
      data: Array.from({ length: POOL_SIZE }, (_, n) => ({
        id: `adr_${family}_${n}`,
        poolId: `pol_${family}`,
        family,
        address: `${net}${10 + n}`,
      })),
    });
  }
  await db.image.create({
    data: {
      id: 'img_harness',
      family: 'small',
      version: '1',
      nameJa: '小',
      nameEn: 'small',
      state: 'ready',
      digest: DIGEST,
      bytes: 1000,
      minDiskGiB: 1,
      minMemoryMiB: 64,
      createdAt: now,
    },
  });
  await db.plan.create({
    data: {
      id: 'plan',
      nameJa: '小',
      nameEn: 'small',
      vcpu: 1,
      memoryMiB: 512,
      diskGiB: 5,
      transferGiB: 100,
      prices: { create: { id: 'price', fromDate: new Date('2020-01-01T00:00:00Z'), yen: 500 } },
    },
  });
  await db.taxRate.create({
    data: { class: 'standard', fromDate: new Date('2019-10-01T00:00:00Z'), basisPoints: 1000 },
  });
}
