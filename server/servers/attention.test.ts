/** What staff are shown of servers that wait for a person, and what their customers read meanwhile. */
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { createHarness, type Harness, hostError } from '../operations/testing.ts';
import { ACCOUNT, HOST } from '../operations/testing-stock.ts';
import { contextOf } from '../testing/calls.ts';
import { createPerson } from '../testing/people.ts';
import { createCaller } from '../trpc/root.ts';
import { requestPower } from './power.ts';

vi.setConfig({ testTimeout: 60_000 });

let h: Harness;
let customer: ReturnType<typeof createCaller>;
let support: ReturnType<typeof createCaller>;
beforeAll(async () => {
  h = await createHarness();
  customer = createCaller(contextOf(h.deps, (await createPerson(h.deps, { accountId: ACCOUNT })).session));
  support = createCaller(contextOf(h.deps, (await createPerson(h.deps, { staffRole: 'support' })).session));
});
afterAll(() => h.drop());
afterEach(async () => {
  await heard(3_600_000);
  // The harness has few addresses.
  for (const { id } of await h.deps.db.server.findMany({ where: { deletedAt: null } }))
    await h.run(await h.request('delete', id));
  expect(await support.staff.servers.attention()).toEqual([]);
});

const heard = (agoMs: number) =>
  h.deps.db.host.update({
    where: { id: HOST },
    data: { lastContactAt: new Date(h.deps.clock.now().getTime() + agoMs) },
  });
const see = (serverId: string, observed: 'absent' | 'crashed' | 'paused' | 'off', reason: string, since: Date) =>
  h.deps.db.placement.updateMany({ where: { serverId, endedAt: null }, data: { observed, reason, since } });

it('each with its customer, host, since when and why; the one that waits longest first', async () => {
  const at = (minutesAgo: number) => new Date(h.deps.clock.now().getTime() - minutesAgo * 60_000);
  const [well, absent, looping] = [await h.running(), await h.running(), await h.running()];
  await h.observe();
  expect(await support.staff.servers.attention()).toEqual([]);
  await see(absent, 'absent', 'none', at(5));
  await see(looping, 'off', 'crashed', at(9));
  await h.deps.db.server.update({ where: { id: looping }, data: { needsAttention: 'crash-loop' } });

  const shown = await support.staff.servers.attention();
  const same = { accountId: ACCOUNT, accountName: 'Harness', hostName: 'harness', hostSilent: false };
  expect(shown).toMatchObject([
    { ...same, id: looping, why: 'crash-loop', observed: { state: 'off', reason: 'crashed' } },
    {
      ...same,
      id: absent,
      why: 'absent',
      observed: { state: 'absent', since: expect.any(String) },
      lastOperation: { kind: 'create', state: 'succeeded' },
    },
  ]);
  // The very same are what their customer sees as such, with the same reason.
  const theirs = (await customer.servers.list()).filter(({ state }) => state === 'needs-attention');
  expect(new Map(theirs.map(({ id, attention }) => [id, attention]))).toEqual(
    new Map(shown.map(({ id, why }) => [id, why])),
  );
  expect(await customer.servers.get({ serverId: well })).toMatchObject({ attention: null });
});

it.each([
  ['crashed', 'crashed', 'crashed'],
  ['paused', 'none', 'paused'],
  ['paused', 'failed-start', 'start-failed'],
] as const)('%s (%s) is there as %s', async (observed, reason, why) => {
  const serverId = await h.running();
  await h.observe();
  await see(serverId, observed, reason, h.deps.clock.now());
  expect(await support.staff.servers.attention()).toMatchObject([{ id: serverId, why }]);
});

it('stays while its host is silent, and says so', async () => {
  const serverId = await h.running();
  await h.observe();
  await see(serverId, 'absent', 'none', h.deps.clock.now());
  await heard(-61_000);
  expect(await support.staff.servers.attention()).toMatchObject([{ id: serverId, why: 'absent', hostSilent: true }]);
  expect(await customer.servers.get({ serverId })).toMatchObject({ state: 'unknown', attention: null });
});

it('a failed start of ours brings what the host said; a customer who starts it takes it off the list', async () => {
  const serverId = await h.running();
  await h.observe();
  await h.run(await h.request('force-off', serverId));
  await h.deps.db.server.update({ where: { id: serverId }, data: { intended: 'running' } });
  await see(serverId, 'off', 'host-boot', h.deps.clock.now());
  h.agent.inject({ call: 'power', when: 'before', error: hostError('START_FAILED') });
  const operationId = await requestPower(h.deps, {
    action: 'start',
    serverId,
    accountId: ACCOUNT,
    actor: { kind: 'system', id: null, requestId: null },
    role: null,
    input: { because: 'host-boot' },
  });
  expect(await h.run(operationId)).toBe('failed');
  expect(await support.staff.servers.attention()).toMatchObject([
    {
      id: serverId,
      why: 'start-failed',
      lastOperation: { id: operationId, kind: 'start', state: 'failed', errorDetail: expect.stringContaining('START') },
    },
  ]);
  const again = await customer.servers.start({ serverId });
  expect(await support.staff.servers.attention()).toEqual([]);
  expect(await h.run(again.operationId)).toBe('succeeded');
  expect(await support.staff.servers.attention()).toEqual([]);
});

it('what is stuck is in the other list', async () => {
  const { operationId, serverId } = await h.place();
  h.agent.inject({ call: 'putDomain', when: 'before', error: hostError('HYPERVISOR') });
  h.agent.inject({ call: 'removeServer', when: 'before', error: hostError('HYPERVISOR') });
  expect(await h.run(operationId)).toBe('stuck');
  expect(await customer.servers.get({ serverId })).toMatchObject({ state: 'needs-attention', attention: 'stuck' });
  expect(await support.staff.servers.attention()).toEqual([]);
  expect(await support.staff.operations.list({ state: 'stuck' })).toMatchObject([{ id: operationId }]);
});
