/** What goes wrong: hosts that say no, guests that do not answer, two who want different things. */
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { AgentCall } from '../../compute-agent/contract/contract.ts';
import { getServer } from '../servers/view.ts';
import { retryOperation, undoOperation } from './staff.ts';
import {
  ACCOUNT,
  atOnce,
  codeOf,
  createHarness,
  type Harness,
  hostError,
  leftovers,
  POOL_SIZE,
  PRICE_WITH_TAX,
  twice,
} from './testing.ts';

vi.setConfig({ testTimeout: 60_000 });
const staff = { kind: 'staff' as const, id: 'usr_staff', requestId: null };

let h: Harness;
beforeAll(async () => {
  h = await createHarness();
});
afterAll(() => h.drop());
beforeEach(async () => {
  h.agent.clearFaults();
  h.agent.guest.ignoresAcpi.clear();
  h.agent.guest.doesNotStart.clear();
  h.agent.gate.before = async () => {};
  for (const { id } of await h.deps.db.server.findMany({ where: { deletedAt: null } }))
    await h.run(await h.request('delete', id));
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

describe('create', () => {
  const calls: AgentCall[] = ['ensureImage', 'putVolume', 'putSeed', 'putNetwork', 'putDomain', 'power', 'observe'];

  test.each(calls.flatMap((call) => [[call, 'before'] as const, [call, 'after'] as const]))(
    'the host says no %s %s: everything is undone, and staff can have it made again',
    async (call, when) => {
      for (const durable of [undefined, twice, atOnce]) {
        const { serverId, operationId } = await h.place();
        h.agent.inject({ call, when, error: hostError('HYPERVISOR'), times: durable === undefined ? 1 : 2 });
        expect(await h.run(operationId, durable)).toBe('failed');
        expect(await leftovers(h)).toEqual([]);
        expect(await stateOf(serverId)).toBe('create-failed');
        expect((await h.steps(operationId)).filter(([, state]) => state === 'undone').map(([name]) => name)).toContain(
          'reserve',
        );

        await retryOperation(h.deps, { operationId, actor: staff });
        expect(await h.run(operationId)).toBe('succeeded');
        expect(await leftovers(h)).toEqual([]);
        expect(await stateOf(serverId)).toBe('running');
        await h.run(await h.request('delete', serverId));
      }
    },
  );

  test('a guest that does not start at once', async () => {
    const { serverId, operationId } = await h.place();
    h.agent.guest.doesNotStart.add(serverId);
    expect(await h.run(operationId)).toBe('failed');
    expect(await operation(operationId)).toMatchObject({ errorCode: 'START_FAILED' });
    expect(await leftovers(h)).toEqual([]);
  });

  test('an undo that fails leaves it stuck with its lock; staff undo it', async () => {
    const { serverId, operationId } = await h.place();
    h.agent.inject({ call: 'putDomain', when: 'before', error: hostError('HYPERVISOR') });
    h.agent.inject({ call: 'removeServer', when: 'before', error: hostError('HYPERVISOR') });
    expect(await h.run(operationId)).toBe('stuck');
    expect(await operation(operationId)).toMatchObject({
      errorCode: 'OTHER',
      errorDetail: expect.stringContaining('undo failed'),
    });
    expect(await stateOf(serverId)).toBe('needs-attention');
    await undoOperation(h.deps, { operationId, actor: staff });
    expect(await h.run(operationId, twice)).toBe('undone');
    expect(await leftovers(h)).toEqual([]);
    expect(await codeOf(undoOperation(h.deps, { operationId, actor: staff }))).toBe('NOT_POSSIBLE');
  });

  test('a host that never answers: nobody says that nothing happened; later it is tried again', async () => {
    const { serverId, operationId } = await h.place();
    h.agent.inject({ call: 'putVolume', when: 'after', error: hostError('UNKNOWN_OUTCOME'), times: 1000 });
    expect(await h.run(operationId)).toBe('stuck');
    expect(await operation(operationId)).toMatchObject({ errorCode: 'HOST_AWAY', endedAt: null });
    expect(h.agent.bodies.get(serverId)?.volumes.size).toBe(1);
    h.agent.clearFaults();
    await retryOperation(h.deps, { operationId, actor: staff });
    expect(await h.run(operationId)).toBe('succeeded');
    expect(await leftovers(h)).toEqual([]);
  });

  test('a stuck create can be given back by the customer', async () => {
    const { serverId, operationId } = await h.place();
    h.agent.inject({ call: 'putSeed', when: 'before', error: hostError('HYPERVISOR_AWAY'), times: 1000 });
    expect(await h.run(operationId)).toBe('stuck');
    h.agent.clearFaults();
    expect(await h.run(await h.request('delete', serverId))).toBe('succeeded');
    expect(await operation(operationId)).toMatchObject({ state: 'superseded' });
    expect(await leftovers(h)).toEqual([]);
  });
});

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

describe('delete', () => {
  test('goes forward only: stuck, until staff try again', async () => {
    const serverId = await h.running();
    const operationId = await h.request('delete', serverId);
    h.agent.inject({ call: 'removeServer', when: 'after', error: hostError('HYPERVISOR') });
    expect(await h.run(operationId)).toBe('stuck');
    expect(await codeOf(undoOperation(h.deps, { operationId, actor: staff }))).toBe('NOT_POSSIBLE');
    expect(await codeOf(h.request('start', serverId))).toBe('NOT_POSSIBLE');
    await retryOperation(h.deps, { operationId, actor: staff });
    expect(await h.run(operationId)).toBe('succeeded');
    expect(await leftovers(h)).toEqual([]);
  });

  test('the address goes back only when the body is gone, and the one free for the longest is taken next', async () => {
    const serverId = await h.running();
    const [hold] = await h.deps.db.addressHold.findMany({ where: { serverId, address: { family: 'v4' } } });
    h.agent.inject({ call: 'removeServer', when: 'before', error: hostError('HYPERVISOR') });
    const operationId = await h.request('delete', serverId);
    await h.run(operationId);
    expect(await h.deps.db.addressHold.count({ where: { serverId, until: null } })).toBe(2);
    await retryOperation(h.deps, { operationId, actor: staff });
    await h.run(operationId);
    const next = await h.running();
    const [other] = await h.deps.db.addressHold.findMany({ where: { serverId: next, address: { family: 'v4' } } });
    expect(other!.addressId).not.toBe(hold!.addressId);
  });
});
