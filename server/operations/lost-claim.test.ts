/** A claim whose answer never came: committed in DBOS's row, while nobody in the living process makes it. */
import { DBOSExecutor } from '@dbos-inc/dbos-sdk/internal/dbos-executor';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { isRunningHere } from './dbos-internals.ts';
import { leftovers } from './leftovers.ts';
import { beat, putBackUnmade, takeOver } from './slots.ts';
import { createHarness, type Harness } from './testing.ts';
import { startWorkflows, stopWorkflows } from './workflows.ts';

const SLOT = 'worker-test';
let h: Harness;
beforeAll(async () => {
  h = await createHarness();
  await startWorkflows(h.deps, { slot: SLOT, databaseUrl: h.urlAs('tsubo_worker') });
});
afterAll(async () => {
  await stopWorkflows(0);
  await h.drop();
});

const state = async (id: string) => (await h.deps.db.operation.findUniqueOrThrow({ where: { id } })).state;
const status = async (id: string) => {
  const rows = await h.deps.db.$queryRaw<{ status: string }[]>`
    SELECT status FROM dbos.workflow_status WHERE workflow_uuid = ${`${id}:1`}`;
  return rows[0]?.status;
};

test('an operation that was claimed and never begun is put back by its own living slot, once', async () => {
  const start = vi.spyOn(DBOSExecutor.globalInstance!, 'dispatchDequeuedWorkflows').mockResolvedValue();
  const { operationId } = await h.place();
  await expect.poll(() => status(operationId), { timeout: 5_000 }).toBe('PENDING');
  start.mockRestore();
  await beat(h.deps, SLOT, process.pid, 10_000);
  expect(await takeOver(h.deps, 10_000)).toEqual([]);
  expect(await state(operationId)).toBe('queued');
  expect(await putBackUnmade(h.deps, SLOT, isRunningHere, 30_000)).toEqual([]);
  await h.deps.db.$executeRaw`
    UPDATE dbos.workflow_status SET started_at_epoch_ms = started_at_epoch_ms - 60000 WHERE workflow_uuid = ${`${operationId}:1`}`;
  // The claim that follows is a young one.
  const back = await Promise.all([0, 1].map(() => putBackUnmade(h.deps, SLOT, isRunningHere, 30_000)));
  expect(back.flat()).toEqual([`${operationId}:1`]);
  await expect.poll(() => state(operationId), { timeout: 5_000 }).toBe('succeeded');
  expect(await leftovers(h)).toEqual([]);
});

test('what is being made here, and what another slot has, stays', async () => {
  let held = 0;
  const thaw = Promise.withResolvers<void>();
  h.agent.gate.before = async (call) => {
    if (call === 'putVolume' && held++ === 0) await thaw.promise;
  };
  const { operationId } = await h.place();
  await expect.poll(() => held, { timeout: 5_000 }).toBe(1);
  expect(await putBackUnmade(h.deps, SLOT, isRunningHere, -1_000)).toEqual([]);
  expect(await putBackUnmade(h.deps, 'worker-other', () => false, -1_000)).toEqual([]);
  thaw.resolve();
  h.agent.gate.before = async () => {};
  await expect.poll(() => state(operationId), { timeout: 5_000 }).toBe('succeeded');
  expect(held).toBe(1);
});
