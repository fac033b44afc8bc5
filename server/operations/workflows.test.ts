/** Operations on DBOS itself: from the order's transaction through the queue to the end, and the takeover. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { leftovers } from './leftovers.ts';
import { beat, markLost, takeOver } from './slots.ts';
import { createHarness, type Harness } from './testing.ts';
import { startWorkflows, stopWorkflows } from './workflows.ts';

let h: Harness;
beforeAll(async () => {
  h = await createHarness();
  await startWorkflows(h.deps, { slot: 'worker-test', databaseUrl: h.urlAs('tsubo_worker') });
});
afterAll(async () => {
  await stopWorkflows(0);
  await h.drop();
});

const ended = (operationId: string) =>
  expect
    .poll(async () => (await h.deps.db.operation.findUniqueOrThrow({ where: { id: operationId } })).state, {
      timeout: 15_000,
      interval: 10,
    })
    .toBe('succeeded');

test('an order is made without anybody calling for it', async () => {
  const { serverId, operationId } = await h.place();
  await ended(operationId);
  expect(h.agent.bodies.get(serverId)?.domain?.state).toBe('running');
  expect(await leftovers(h)).toEqual([]);
  const { createdAt, startedAt, endedAt } = await h.deps.db.operation.findUniqueOrThrow({ where: { id: operationId } });
  console.info(
    `order → begun ${startedAt!.getTime() - createdAt.getTime()} ms → ended ${endedAt!.getTime() - createdAt.getTime()} ms`,
  );
});

test('an order that is rolled back leaves no workflow behind', async () => {
  const before = await h.deps.db.$queryRaw`SELECT count(*)::int AS n FROM dbos.workflow_status`;
  await expect(h.place({ seenYenWithTax: 1 })).rejects.toMatchObject({ code: 'NOT_POSSIBLE' });
  expect(await h.deps.db.$queryRaw`SELECT count(*)::int AS n FROM dbos.workflow_status`).toEqual(before);
});

test('a worker that froze in a step is taken over, wakes up while the second one runs, and nothing is doubled', async () => {
  let held = 0;
  const thaw = Promise.withResolvers<void>();
  h.agent.gate.before = async (call) => {
    // The first worker sleeps inside the call; the second passes.
    if (call === 'putVolume' && held++ === 0) await thaw.promise;
  };
  const { operationId } = await h.place();
  await expect.poll(() => held, { timeout: 5_000 }).toBe(1);
  // As if a slot that is now silent had taken it.
  await h.deps.db
    .$executeRaw`UPDATE dbos.workflow_status SET executor_id = 'worker-dead' WHERE workflow_uuid = ${`${operationId}:1`}`;
  await beat(h.deps, 'worker-test', process.pid, 10_000);
  expect(await takeOver(h.deps, 10_000)).toEqual([`${operationId}:1`]);
  await expect.poll(() => held, { timeout: 5_000 }).toBe(2);
  thaw.resolve();
  await ended(operationId);
  h.agent.gate.before = async () => {};
  expect(await leftovers(h)).toEqual([]);
});

test('a slower sweeper does not pull a workflow back from the living worker that has it by now', async () => {
  let held = 0;
  const thaw = Promise.withResolvers<void>();
  h.agent.gate.before = async (call) => {
    if (call === 'putVolume' && held++ === 0) await thaw.promise;
  };
  const { operationId } = await h.place();
  const id = `${operationId}:1`;
  await expect.poll(() => held, { timeout: 5_000 }).toBe(1);
  await beat(h.deps, 'worker-test', process.pid, 10_000);
  await h.deps.db.$executeRaw`UPDATE dbos.workflow_status SET executor_id = 'worker-dead' WHERE workflow_uuid = ${id}`;
  let slower: Promise<string[]> | undefined;
  await h.deps.db.$transaction(async (tx) => {
    // The first sweeper and the living worker: put back, and taken.
    await tx.$executeRaw`UPDATE dbos.workflow_status SET executor_id = 'worker-test' WHERE workflow_uuid = ${id}`;
    slower = takeOver(h.deps, 10_000);
    await expect
      .poll(async () => {
        const [{ n }] = await h.deps.db.$queryRaw<[{ n: number }]>`
          SELECT count(*)::int AS n FROM pg_stat_activity
          WHERE datname = current_database() AND wait_event_type = 'Lock'`;
        return n;
      })
      .toBe(1);
  });
  expect(await slower).toEqual([]);
  const [row] = await h.deps.db.$queryRaw<[{ status: string; executor_id: string }]>`
    SELECT status, executor_id FROM dbos.workflow_status WHERE workflow_uuid = ${id}`;
  expect(row).toEqual({ status: 'PENDING', executor_id: 'worker-test' });
  thaw.resolve();
  await ended(operationId);
  expect(held).toBe(1);
  h.agent.gate.before = async () => {};
});

test('an operation whose workflow ended without it is stuck, and pages and the audit log are told once', async () => {
  h.agent.gate.before = async (call) => {
    if (call === 'putVolume') await new Promise(() => {});
  };
  const { serverId, operationId } = await h.place();
  await expect
    .poll(async () => (await h.deps.db.operation.findUniqueOrThrow({ where: { id: operationId } })).state)
    .toBe('running');
  await h.deps.db
    .$executeRaw`UPDATE dbos.workflow_status SET status = 'ERROR', updated_at = 0 WHERE workflow_uuid = ${`${operationId}:1`}`;
  await Promise.all([markLost(h.deps), markLost(h.deps)]);
  expect(await h.deps.db.operation.findUniqueOrThrow({ where: { id: operationId } })).toMatchObject({
    state: 'stuck',
    errorDetail: 'its workflow ended with ERROR',
  });
  const told = await h.deps.db.event.findMany({ where: { kind: 'stuck' }, orderBy: { subject: 'asc' } });
  expect(told.map(({ subject }) => subject)).toEqual([`operation:${operationId}`, `server:${serverId}`]);
  const audit = await h.deps.db.audit.findMany({ where: { entryId: `${operationId}.1`, phase: { not: 'started' } } });
  expect(audit).toMatchObject([{ phase: 'failed', errorCode: 'OTHER', action: 'operation.create' }]);
  expect(await h.deps.db.operationStep.count({ where: { operationId, state: 'running' } })).toBe(0);
});
