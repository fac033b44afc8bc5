/** A NOTIFY that is lost costs one poll of the queue. A file of its own: DBOS is started once in a process. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHarness, type Harness } from './testing.ts';
import { startWorkflows, stopWorkflows } from './workflows.ts';

const POLL_MS = 3_000;

let h: Harness;
beforeAll(async () => {
  h = await createHarness();
});
afterAll(async () => {
  await stopWorkflows(0);
  await h.drop();
});

test('without a NOTIFY the poll finds it', async () => {
  const { serverId, operationId } = await h.place();
  await h.run(operationId);
  await startWorkflows(h.deps, { slot: 'worker-test', databaseUrl: h.urlAs('tsubo_worker'), pollMs: POLL_MS });
  let held = 0;
  const thaw = Promise.withResolvers<void>();
  h.agent.gate.before = async (call) => {
    if (call === 'power' && held++ === 0) await thaw.promise;
  };
  const id = await h.request('force-off', serverId);
  await expect.poll(() => held).toBe(1);
  // Put back as takeOver() does, but silently.
  await h.deps.db.$executeRaw`
    UPDATE dbos.workflow_status SET status = 'ENQUEUED', owner_xid = NULL WHERE workflow_uuid = ${`${id}:1`}`;
  await expect.poll(() => held, { timeout: 5 * POLL_MS }).toBe(2);
  thaw.resolve();
  h.agent.gate.before = async () => {};
  const state = async () => (await h.deps.db.operation.findUniqueOrThrow({ where: { id } })).state;
  await expect.poll(state).toBe('succeeded');
});
