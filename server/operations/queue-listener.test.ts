/** The queue with a slow poll: what is put into it is taken at once, and a lost NOTIFY costs one poll. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHarness, type Harness } from './testing.ts';
import { startWorkflows, stopWorkflows } from './workflows.ts';

const POLL_MS = 3_000;
/** 20 ms where nothing else runs; by the poll the median would be half of it. */
const AT_ONCE_MS = 400;

let h: Harness;
beforeAll(async () => {
  h = await createHarness();
  await startWorkflows(h.deps, { slot: 'worker-test', databaseUrl: h.urlAs('tsubo_worker'), pollMs: POLL_MS });
});
afterAll(async () => {
  await stopWorkflows(0);
  await h.drop();
});

/** Process ids of the connections that listen. */
async function listeners(): Promise<number[]> {
  const rows = await h.deps.db.$queryRaw<{ pid: number }[]>`
    SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'tsubo-queue' AND query LIKE 'LISTEN%'`;
  return rows.map(({ pid }) => pid);
}

let power: string;
const read = (id: string) => h.deps.db.operation.findUniqueOrThrow({ where: { id } });

async function waited(id: string): Promise<number> {
  const { createdAt, startedAt } = await read(id);
  return startedAt!.getTime() - createdAt.getTime();
}

async function untilSucceeded(id: string): Promise<void> {
  await expect.poll(async () => (await read(id)).state, { timeout: 15_000, interval: 10 }).toBe('succeeded');
}

test('what is asked for begins at once, many times the poll earlier', async () => {
  await expect.poll(listeners).toHaveLength(1);
  const { serverId, operationId } = await h.place();
  await untilSucceeded(operationId);
  const waits = [await waited(operationId)];
  for (let n = 0; n < 3; n++) {
    for (const action of ['force-off', 'start'] as const) {
      const id = await h.request(action, serverId);
      await untilSucceeded(id);
      waits.push(await waited(id));
    }
  }
  waits.sort((a, b) => a - b);
  console.info(`asked → begun: ${waits.join(', ')} ms`);
  expect(waits[3]).toBeLessThan(AT_ONCE_MS);
  power = serverId;
});

test('several orders at once are all taken', async () => {
  const placed = await Promise.all([h.place(), h.place(), h.place()]);
  await Promise.all(placed.map(({ operationId }) => untilSucceeded(operationId)));
});

test('without a NOTIFY the poll finds it', async () => {
  let held = 0;
  const thaw = Promise.withResolvers<void>();
  h.agent.gate.before = async (call) => {
    if (call === 'power' && held++ === 0) await thaw.promise;
  };
  const id = await h.request('force-off', power);
  await expect.poll(() => held).toBe(1);
  // Put back as takeOver() does, but silently.
  await h.deps.db.$executeRaw`
    UPDATE dbos.workflow_status SET status = 'ENQUEUED', owner_xid = NULL WHERE workflow_uuid = ${`${id}:1`}`;
  await expect.poll(() => held, { timeout: 3 * POLL_MS }).toBe(2);
  thaw.resolve();
  h.agent.gate.before = async () => {};
  await untilSucceeded(id);
});

test('a lost connection is made anew, and what came meanwhile is looked for', async () => {
  const lost = await listeners();
  await h.deps.db.$queryRaw`
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'tsubo-queue'`;
  const meanwhile = await h.request('start', power);
  await untilSucceeded(meanwhile);
  await expect.poll(listeners, { timeout: 10_000 }).toEqual([expect.not.toBeOneOf(lost)]);
  const waits: number[] = [];
  for (const action of ['force-off', 'start', 'force-off'] as const) {
    const id = await h.request(action, power);
    await untilSucceeded(id);
    waits.push(await waited(id));
  }
  expect(Math.min(...waits)).toBeLessThan(AT_ONCE_MS);
});
