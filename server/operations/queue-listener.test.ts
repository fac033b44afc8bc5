/** The queue: what is put into it is taken by NOTIFY. Where one is lost: queue-poll.test.ts. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHarness, type Harness } from './testing.ts';
import { startWorkflows, stopWorkflows } from './workflows.ts';

/** Beyond every deadline here: what is taken was not taken by a poll. */
const NEVER_MS = 600_000;

let h: Harness;
beforeAll(async () => {
  h = await createHarness();
  await startWorkflows(h.deps, { slot: 'worker-test', databaseUrl: h.urlAs('tsubo_worker'), pollMs: NEVER_MS });
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

async function untilSucceeded(id: string): Promise<void> {
  await expect.poll(async () => (await read(id)).state, { timeout: 15_000, interval: 10 }).toBe('succeeded');
}

test('what is asked for is taken without any poll', async () => {
  await expect.poll(listeners).toHaveLength(1);
  const { serverId, operationId } = await h.place();
  await untilSucceeded(operationId);
  for (const action of ['force-off', 'start'] as const) await untilSucceeded(await h.request(action, serverId));
  power = serverId;
});

test('several orders at once are all taken, though one NOTIFY may wake for many', async () => {
  const placed = await Promise.all([h.place(), h.place(), h.place()]);
  await Promise.all(placed.map(({ operationId }) => untilSucceeded(operationId)));
});

test('a lost connection is made anew, and what came meanwhile is looked for', async () => {
  const lost = await listeners();
  await h.deps.db.$queryRaw`
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'tsubo-queue'`;
  await untilSucceeded(await h.request('force-off', power));
  await expect.poll(listeners).toEqual([expect.not.toBeOneOf(lost)]);
  await untilSucceeded(await h.request('start', power));
});
