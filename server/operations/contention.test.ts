/** Guests that do not answer, orders that collide, two who want different things of one server. */
import { describe, expect, test, vi } from 'vitest';
import type { AgentCall } from '../../compute-agent/contract/contract.ts';
import { getServer } from '../servers/view.ts';
import { leftovers } from './leftovers.ts';
import { atOnce, codeOf, createHarness, type Harness, hostError } from './testing.ts';
import { withHarness } from './testing-scene.ts';
import { ACCOUNT, POOL_SIZE, PRICE_WITH_TAX } from './testing-stock.ts';

vi.setConfig({ testTimeout: 60_000 });

let h: Harness;
withHarness((harness) => {
  h = harness;
});

const operation = (id: string) => h.deps.db.operation.findUniqueOrThrow({ where: { id } });
const server = (id: string) => h.deps.db.server.findUniqueOrThrow({ where: { id } });
const stateOf = async (id: string) => (await getServer(h.deps, ACCOUNT, id, 'owner')).state;
const stopped = async () => {
  const serverId = await h.running();
  await h.run(await h.request('force-off', serverId));
  return serverId;
};
const powered = (id: string) => h.agent.bodies.get(id)?.domain?.state;

describe('orders', () => {
  test('the same order twice at once is one server, and the password is in one answer', async () => {
    const clientKey = crypto.randomUUID();
    const answers = await Promise.all([1, 2, 3].map(() => h.place({ clientKey, name: 'same' })));
    expect(new Set(answers.map((answer) => answer.serverId)).size).toBe(1);
    expect(new Set(answers.map((answer) => answer.operationId)).size).toBe(1);
    expect(answers.filter((answer) => answer.password !== null)).toHaveLength(1);
    expect(await codeOf(h.place({ clientKey, name: 'other' }))).toBe('KEY_REUSED');
    await h.run(answers[0]!.operationId);
    expect(await leftovers(h)).toEqual([]);
  });

  test('more orders than addresses: as many servers as addresses, the rest leaves nothing', async () => {
    const answers = await Promise.allSettled(Array.from({ length: POOL_SIZE + 2 }, () => h.place()));
    const placed = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
    expect(placed).toHaveLength(POOL_SIZE);
    for (const answer of answers)
      if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'NO_ADDRESS' });
    for (const { operationId } of placed) expect(await h.run(operationId)).toBe('succeeded');
    expect(await leftovers(h)).toEqual([]);
    const held = await h.deps.db.addressHold.findMany({ where: { until: null }, select: { addressId: true } });
    expect(new Set(held.map((hold) => hold.addressId)).size).toBe(held.length);
  });

  test('no room, a taken name, a changed price, a limit', async () => {
    await h.deps.db.host.updateMany({ data: { acceptsNew: false } });
    expect(await codeOf(h.place())).toBe('NO_CAPACITY');
    await h.deps.db.host.updateMany({ data: { acceptsNew: true } });
    await h.place({ name: 'taken' });
    expect(await codeOf(h.place({ name: 'ＴＡＫＥＮ ' }))).toBe('NAME_TAKEN');
    expect(await codeOf(h.place({ seenYenWithTax: PRICE_WITH_TAX - 1 }))).toBe('NOT_POSSIBLE');
    expect(await codeOf(h.place({ name: 'a_b' }))).toBe('INPUT');
    await h.deps.db.limit.create({ data: { accountId: ACCOUNT, key: 'servers', value: 1 } });
    expect(await codeOf(h.place())).toBe('LIMIT');
    await h.deps.db.limit.deleteMany({});
    await h.run((await h.deps.db.operation.findFirstOrThrow({ where: { state: 'queued' } })).id);
    expect(await leftovers(h)).toEqual([]);
  });
});

describe('power', () => {
  test.each(['putNetwork', 'putDomain', 'power'] as AgentCall[])(
    'a start that fails at %s leaves it off, as it was',
    async (call) => {
      const serverId = await stopped();
      const operationId = await h.request('start', serverId);
      h.agent.inject({ call, when: 'before', error: hostError(call === 'power' ? 'START_FAILED' : 'HYPERVISOR') });
      expect(await h.run(operationId)).toBe('failed');
      expect(await server(serverId)).toMatchObject({ intended: 'stopped' });
      expect(await stateOf(serverId)).toBe('stopped');
      expect(await leftovers(h)).toEqual([]);
    },
  );

  test('a guest that ignores the button keeps running, and so does the wish', async () => {
    const serverId = await h.running();
    h.agent.guest.ignoresAcpi.add(serverId);
    const operationId = await h.request('stop', serverId);
    expect(await h.run(operationId)).toBe('failed');
    expect(await operation(operationId)).toMatchObject({ errorCode: 'GUEST_IGNORED', result: { guestIgnored: true } });
    expect(await server(serverId)).toMatchObject({ intended: 'running' });
    expect(await stateOf(serverId)).toBe('running');
    expect(await leftovers(h)).toEqual([]);
  });

  test('force off during a stop is a signal to it', async () => {
    const slow = await createHarness({ stopTimeoutMs: 30_000 });
    const serverId = await slow.running();
    slow.agent.guest.ignoresAcpi.add(serverId);
    const operationId = await slow.request('stop', serverId);
    const ending = slow.run(operationId, atOnce);
    await expect.poll(async () => (await slow.steps(operationId))[1]).toEqual(['wait', 'running']);
    const view = await getServer(slow.deps, ACCOUNT, serverId, 'owner');
    expect(view).toMatchObject({
      state: 'shutting-down',
      can: { 'force-off': { ok: true }, start: { ok: false, reason: 'operation-running' } },
    });
    expect(view.operation?.waitsUntil).not.toBeNull();
    expect(await slow.request('force-off', serverId)).toBe(operationId);
    expect(await ending).toBe('succeeded');
    expect(slow.agent.bodies.get(serverId)?.domain).toMatchObject({ state: 'off', reason: 'destroyed' });
    expect(await leftovers(slow)).toEqual([]);
    await slow.drop();
  });

  test('restart: give up or force, as chosen', async () => {
    const serverId = await h.running();
    h.agent.guest.ignoresAcpi.add(serverId);
    expect(await h.run(await h.request('restart', serverId, { onTimeout: 'give-up' }))).toBe('failed');
    expect(await stateOf(serverId)).toBe('running');
    const before = h.agent.journal.length;
    const operationId = await h.request('restart', serverId, { onTimeout: 'force-off' });
    expect(await h.run(operationId)).toBe('succeeded');
    expect(h.agent.journal.slice(before).filter(({ call }) => call === 'power')).toHaveLength(3);
    expect(await leftovers(h)).toEqual([]);
  });

  test('a restart that does not come up again is marked for people, and can be started', async () => {
    const serverId = await h.running();
    h.agent.guest.doesNotStart.add(serverId);
    expect(await h.run(await h.request('restart', serverId, { onTimeout: 'give-up' }))).toBe('failed');
    expect(await stateOf(serverId)).toBe('needs-attention');
    h.agent.guest.doesNotStart.clear();
    expect(await h.run(await h.request('start', serverId))).toBe('succeeded');
    expect(await stateOf(serverId)).toBe('running');
    expect(await leftovers(h)).toEqual([]);
  });
});

describe('two at once', () => {
  test('the second is told whose operation runs', async () => {
    const serverId = await h.running();
    const operationId = await h.request('stop', serverId);
    await expect(h.request('restart', serverId)).rejects.toMatchObject({
      code: 'OPERATION_RUNNING',
      params: { kind: 'stop', operationId },
    });
    const answers = await Promise.allSettled([1, 2].map(() => h.request('start', serverId)));
    expect(answers.every((answer) => answer.status === 'rejected')).toBe(true);
    await h.run(operationId);
    const starts = await Promise.allSettled([1, 2, 3].map(() => h.request('start', serverId)));
    expect(starts.filter((answer) => answer.status === 'fulfilled')).toHaveLength(1);
    for (const start of starts) if (start.status === 'fulfilled') await h.run(start.value);
  });

  test.each(['delete', 'force-off'] as const)(
    '%s takes over from a start that sleeps in a call; its late call is refused',
    async (action) => {
      const serverId = await stopped();
      const thaw = Promise.withResolvers<void>();
      const asleep = Promise.withResolvers<void>();
      let slept = false;
      h.agent.gate.before = async (call) => {
        if (call !== 'power' || slept) return;
        slept = true;
        asleep.resolve();
        await thaw.promise;
      };
      const start = await h.request('start', serverId);
      const sleeping = h.run(start);
      await asleep.promise;
      const takeover = await h.request(action, serverId);
      expect((await operation(start)).state).toBe('superseded');
      expect(await h.run(takeover)).toBe('succeeded');
      thaw.resolve();
      expect(await sleeping).toBe('superseded');
      expect(powered(serverId)).toBe(action === 'delete' ? undefined : 'off');
      expect(await leftovers(h)).toEqual([]);
    },
  );

  test('a queued operation that was taken over says nothing to the host', async () => {
    const serverId = await h.running();
    const stop = await h.request('stop', serverId);
    const remove = await h.request('delete', serverId);
    const before = h.agent.journal.length;
    expect(await h.run(stop)).toBe('superseded');
    expect(h.agent.journal).toHaveLength(before);
    expect(await h.run(remove)).toBe('succeeded');
    expect(await leftovers(h)).toEqual([]);
  });
});
