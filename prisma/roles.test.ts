/**
 * The whole life of a server with the grants that the processes really have: what the app does as tsubo_app, what
 * the worker does as tsubo_worker. A missing grant shows here, not in a customer's order.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDb, type Db } from '../server/db.ts';
import { issueJoinToken, signWaiting, takeJoinRequest } from '../server/hosts/join.ts';
import { leftovers } from '../server/operations/leftovers.ts';
import { beat, endSlot, markLost, putBackUnmade } from '../server/operations/slots.ts';
import { listForStaff, undoOperation } from '../server/operations/staff.ts';
import { createHarness, type Harness } from '../server/operations/testing.ts';
import { createAuthority, makeRequest } from '../server/pki/authority.ts';
import { rename } from '../server/servers/rename.ts';
import { listServers } from '../server/servers/view.ts';

let harness: Harness;
let owner: Db;
let app: Db;
let worker: Db;

beforeAll(async () => {
  harness = await createHarness();
  owner = harness.deps.db;
  app = createDb(harness.urlAs('tsubo_app'));
  worker = createDb(harness.urlAs('tsubo_worker'));
});
afterAll(async () => {
  harness.deps.db = owner;
  await Promise.all([app.$disconnect(), worker.$disconnect()]);
  await harness.drop();
});

/** The harness's services hold `deps`, so its database decides who they are. */
async function as<T>(db: Db, work: () => Promise<T>): Promise<T> {
  harness.deps.db = db;
  try {
    return await work();
  } finally {
    harness.deps.db = owner;
  }
}
const accountId = 'acc_harness';

it('a server is ordered, made, stopped, started, renamed, forced off and given back', async () => {
  const { serverId, operationId } = await as(app, () => harness.place());
  expect(await as(worker, () => harness.run(operationId))).toBe('succeeded');
  await as(worker, () => harness.observe());
  for (const action of ['stop', 'start', 'restart', 'force-off'] as const) {
    const id = await as(app, () =>
      harness.request(action, serverId, action === 'restart' ? { onTimeout: 'force-off' } : undefined),
    );
    expect([action, await as(worker, () => harness.run(id))]).toEqual([action, 'succeeded']);
    await as(worker, () => harness.observe());
  }
  await as(app, () => rename(harness.deps, accountId, serverId, 'owner', 'renamed'));
  expect(await as(app, () => listServers(harness.deps, accountId, 'owner'))).toMatchObject([{ name: 'renamed' }]);
  const id = await as(app, () => harness.request('delete', serverId));
  expect(await as(worker, () => harness.run(id))).toBe('succeeded');
  expect(await leftovers(harness)).toEqual([]);
});

it('staff see and undo an operation that stuck', async () => {
  const { operationId } = await as(app, () => harness.place());
  await owner.operation.update({ where: { id: operationId }, data: { state: 'stuck' } });
  await owner.operationAttempt.updateMany({ where: { operationId }, data: { endedAt: harness.deps.clock.now() } });
  const actor = { kind: 'staff', id: null, requestId: null } as const;
  expect(await as(app, () => listForStaff(harness.deps, { state: 'stuck' }))).toMatchObject([{ id: operationId }]);
  await as(app, () => undoOperation(harness.deps, { operationId, actor }));
  expect(await as(worker, () => harness.run(operationId))).toBe('undone');
});

it('workers beat, find the dead and mark what was lost', async () => {
  await as(worker, async () => {
    await beat(harness.deps, 'worker-1', process.pid, 10_000);
    expect(await beat(harness.deps, 'worker-2', process.pid, 10_000)).toEqual(['worker-1', 'worker-2']);
    await putBackUnmade(harness.deps, 'worker-1', () => true);
    await markLost(harness.deps);
    await endSlot(harness.deps, 'worker-1');
    await worker.event.deleteMany({ where: { createdAt: { lt: new Date(0) } } });
    await worker.ticket.deleteMany({ where: { expiresAt: { lt: new Date(0) } } });
  });
});

it('a host joins: the operator issues, the app writes down, a worker signs', async () => {
  const token = await issueJoinToken(harness.deps, { name: 'host-2', zoneId: 'zone' });
  const { csrPem } = await makeRequest('host-2');
  const body = { token, csrPem, agentUrl: 'https://127.0.0.1:2', name: 'host-2' };
  expect(await as(app, () => takeJoinRequest(harness.deps, body))).toEqual({ state: 'waiting' });
  const authority = await createAuthority();
  expect(await as(worker, () => signWaiting(harness.deps, authority))).toBe(1);
  expect(await as(app, () => takeJoinRequest(harness.deps, body))).toMatchObject({ state: 'signed' });
});
