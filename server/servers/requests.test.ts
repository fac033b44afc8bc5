/** What a member's clicks on a server lead to, by the procedures that the panel calls. */
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { createHarness, type Harness } from '../operations/testing.ts';
import { ACCOUNT, PRICE_WITH_TAX } from '../operations/testing-stock.ts';
import { contextOf, told } from '../testing/calls.ts';
import { createPerson } from '../testing/people.ts';
import { createCaller } from '../trpc/root.ts';

vi.setConfig({ testTimeout: 60_000 });

let h: Harness;
let userId: string;
let panel: ReturnType<typeof createCaller>;
beforeAll(async () => {
  h = await createHarness();
  const { session } = await createPerson(h.deps, { accountId: ACCOUNT, role: 'operator' });
  userId = session.user.id;
  panel = createCaller(contextOf(h.deps, session));
});
afterAll(() => h.drop());
// The harness has few addresses.
afterEach(async () => {
  for (const { id } of await h.deps.db.server.findMany({ where: { deletedAt: null } }))
    await h.run(await h.request('delete', id));
});

const operationsOf = (serverId: string) => h.deps.db.operation.count({ where: { serverId, kind: { not: 'create' } } });

it.each([
  ['stop', (serverId: string, clientKey: string) => panel.servers.stop({ serverId, clientKey })],
  [
    'restart',
    (serverId: string, clientKey: string) => panel.servers.restart({ serverId, clientKey, onTimeout: 'give-up' }),
  ],
  ['force off', (serverId: string, clientKey: string) => panel.servers.forceOff({ serverId, clientKey })],
  [
    'delete',
    async (serverId: string, clientKey: string) =>
      panel.servers.delete({
        serverId,
        clientKey,
        confirmName: (await h.deps.db.server.findUniqueOrThrow({ where: { id: serverId } })).name,
      }),
  ],
])('the same click on %s, sent twice at once and again after its end, is one operation', async (_, click) => {
  const serverId = await h.running();
  const key = crypto.randomUUID();
  const [first, second] = await Promise.all([click(serverId, key), click(serverId, key)]);
  expect(second).toEqual(first);
  await h.run(first.operationId);
  // An answer that was lost, and a browser that asks again later: by then the server may be in another state.
  expect(await click(serverId, key)).toEqual(first);
  expect(await operationsOf(serverId)).toBe(1);
});

it('how long a guest may take to answer is what the installation says', async () => {
  expect(await panel.catalog.installation()).toMatchObject({ stopTimeoutSeconds: 90 });
});

it('since when a state holds is said of what was seen, not of what is under way', async () => {
  const serverId = await h.running();
  await h.observe();
  const seen = await panel.servers.get({ serverId });
  expect(seen).toMatchObject({ state: 'running', since: expect.any(String) });
  const { operationId } = await panel.servers.stop({ serverId });
  expect(await panel.servers.get({ serverId })).toMatchObject({ state: 'shutting-down', since: null });
  await h.run(operationId);
  await h.observe();
  const off = await panel.servers.get({ serverId });
  expect(off.state).toBe('stopped');
  expect(Date.parse(off.since ?? '')).toBeGreaterThan(Date.parse(seen.since ?? ''));
});

it('the key of one click cannot be used for another', async () => {
  const serverId = await h.running();
  const clientKey = crypto.randomUUID();
  const { operationId } = await panel.servers.stop({ serverId, clientKey });
  await h.run(operationId);
  expect(await told(panel.servers.start({ serverId, clientKey }))).toMatchObject({ code: 'KEY_REUSED' });
});

it('an order that does not say otherwise is for a protected server; another protection is another order', async () => {
  const order = {
    ...{ clientKey: crypto.randomUUID(), zoneId: 'zone', planId: 'plan', imageId: 'img_harness', name: 'kept-1' },
    ...{ signIn: { method: 'password' } as const, seenYenWithTax: PRICE_WITH_TAX },
  };
  const { serverId, operationId } = await panel.servers.order(order);
  expect(await panel.servers.order({ ...order, deleteProtection: true })).toEqual({
    ...{ serverId, operationId, password: null },
  });
  expect(await told(panel.servers.order({ ...order, deleteProtection: false }))).toMatchObject({ code: 'KEY_REUSED' });
  await h.run(operationId);
  expect(await panel.servers.get({ serverId })).toMatchObject({ deleteProtection: true, signIn: 'password' });
  expect(await told(panel.servers.delete({ serverId, confirmName: 'kept-1' }))).toMatchObject({ code: 'PROTECTED' });
  await panel.servers.protect({ serverId, on: false });

  const unprotected = { ...order, clientKey: crypto.randomUUID(), name: 'loose-1', deleteProtection: false };
  const loose = await panel.servers.order(unprotected);
  await h.run(loose.operationId);
  expect(await panel.servers.get({ serverId: loose.serverId })).toMatchObject({ deleteProtection: false });
});

it('delete protection refuses the delete until it is lifted; who did both is on record, and open pages are told', async () => {
  const serverId = await h.running();
  const { name } = await panel.servers.get({ serverId });
  await panel.servers.protect({ serverId, on: true });
  expect(await panel.servers.get({ serverId })).toMatchObject({
    deleteProtection: true,
    can: { delete: { ok: false, reason: 'protected' }, protect: { ok: true }, stop: { ok: true } },
  });
  expect(await told(panel.servers.delete({ serverId, confirmName: name }))).toMatchObject({ code: 'PROTECTED' });
  expect(await operationsOf(serverId)).toBe(0);

  await panel.servers.protect({ serverId, on: false });
  // Already off: no change, and nobody is told of one.
  await panel.servers.protect({ serverId, on: false });
  const subject = `server:${serverId}`;
  expect(await h.deps.db.event.count({ where: { subject, kind: 'protection', accountId: ACCOUNT } })).toBe(2);
  const record = await h.deps.db.audit.findMany({
    where: { subject, action: 'servers.protect', phase: 'completed' },
    orderBy: { id: 'asc' },
  });
  expect(record.map(({ actorId, before, after }) => [actorId, before, after])).toEqual([
    [userId, { deleteProtection: false }, { deleteProtection: true }],
    [userId, { deleteProtection: true }, { deleteProtection: false }],
    [userId, { deleteProtection: false }, { deleteProtection: false }],
  ]);

  const { operationId } = await panel.servers.delete({ serverId, confirmName: name });
  expect(await h.run(operationId)).toBe('succeeded');
  expect(await told(panel.servers.protect({ serverId, on: true }))).toMatchObject({
    code: 'NOT_POSSIBLE',
    params: { reason: 'deleted' },
  });
});

it('the audit log leads from each click to its operation, a signal to that of the stop', async () => {
  const serverId = await h.running();
  const { name } = await h.deps.db.server.findUniqueOrThrow({ where: { id: serverId } });
  const clicks = {
    stop: await panel.servers.stop({ serverId }),
    forceOff: await panel.servers.forceOff({ serverId }),
  };
  expect(clicks.forceOff).toEqual(clicks.stop);
  await h.run(clicks.stop.operationId);
  const start = await panel.servers.start({ serverId });
  await h.run(start.operationId);
  const restart = await panel.servers.restart({ serverId, onTimeout: 'force-off' });
  const deletion = await panel.servers.delete({ serverId, confirmName: name });
  await h.run(restart.operationId);
  await h.run(deletion.operationId);
  const rows = await h.deps.db.audit.findMany({
    where: { subject: `server:${serverId}`, action: { startsWith: 'servers.' }, phase: 'completed' },
    orderBy: { id: 'asc' },
  });
  expect(rows.map(({ action, after }) => [action, after])).toEqual([
    ['servers.stop', clicks.stop],
    ['servers.forceOff', clicks.stop],
    ['servers.start', start],
    ['servers.restart', { ...restart, onTimeout: 'force-off' }],
    ['servers.delete', deletion],
  ]);
});
