/**
 * A worker that is frozen inside a step while a second one takes over and ends the operation: what it still sends
 * when it thaws changes nothing any more, and its own execution ends without a word.
 */
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { AgentCall } from '../../compute-agent/contract/contract.ts';
import type { OperationState } from '../generated/prisma/enums.ts';
import { definitions } from './definitions.ts';
import { leftovers } from './leftovers.ts';
import { runOperation } from './run.ts';
import { retryOperation } from './staff.ts';
import { createHarness, type Harness, hostError, once } from './testing.ts';

vi.setConfig({ testTimeout: 60_000 });

let h: Harness;
beforeAll(async () => {
  h = await createHarness();
});
afterAll(() => h.drop());
afterEach(async () => {
  h.agent.clearFaults();
  h.agent.guest.ignoresAcpi.clear();
  h.agent.gate.before = async () => {};
  for (const { id } of await h.deps.db.server.findMany({ where: { deletedAt: null } }))
    await h.run(await h.request('delete', id));
});

const domainOf = (id: string) => h.agent.bodies.get(id)?.domain;
const rows = async (operationId: string) => ({
  operation: await h.deps.db.operation.findUniqueOrThrow({ where: { id: operationId } }),
  steps: await h.deps.db.operationStep.findMany({ where: { operationId }, orderBy: { seq: 'asc' } }),
});
const stopped = async () => {
  const serverId = await h.running();
  await h.run(await h.request('force-off', serverId));
  return serverId;
};

/** A first worker sleeps right before its n-th such call; `thaw` lets it go on to its end. */
async function frozenAt(operationId: string, at: AgentCall, n = 1) {
  const asleep = Promise.withResolvers<void>();
  const thawed = Promise.withResolvers<void>();
  let calls = 0;
  h.agent.gate.before = async (call) => {
    if (call !== at || ++calls !== n) return;
    asleep.resolve();
    await thawed.promise;
  };
  const sleeping = h.run(operationId);
  await asleep.promise;
  return {
    thaw: async (): Promise<OperationState> => {
      const before = await rows(operationId);
      const powered = h.agent.journal.length;
      thawed.resolve();
      const state = await sleeping;
      // It was refused, and what the second one wrote stands.
      expect(h.agent.journal.slice(powered).filter(({ call }) => call !== 'observe')).toEqual([]);
      expect(await rows(operationId)).toEqual(before);
      return state;
    },
  };
}

test('in `ask` of a restart: the guest that was restarted is not switched off', async () => {
  const serverId = await h.running();
  const operationId = await h.request('restart', serverId, { onTimeout: 'give-up' });
  const first = await frozenAt(operationId, 'power');
  expect(await h.run(operationId)).toBe('succeeded');
  expect(await first.thaw()).toBe('succeeded');
  expect(domainOf(serverId)).toMatchObject({ state: 'running', reason: 'booted' });
  expect(await leftovers(h)).toEqual([]);
});

test('in `cut` of a restart: the same', async () => {
  const serverId = await h.running();
  h.agent.guest.ignoresAcpi.add(serverId);
  const operationId = await h.request('restart', serverId, { onTimeout: 'force-off' });
  // The first worker has pressed the button, and sleeps in the cut.
  const first = await frozenAt(operationId, 'power', 2);
  expect(await h.run(operationId)).toBe('succeeded');
  expect(await first.thaw()).toBe('succeeded');
  expect(domainOf(serverId)).toMatchObject({ state: 'running', reason: 'booted' });
  expect(await leftovers(h)).toEqual([]);
});

test('in `start`, before it clears away what a failed start left: the guest that runs by now is not cut', async () => {
  const serverId = await stopped();
  const operationId = await h.request('start', serverId);
  Object.assign(domainOf(serverId)!, { state: 'paused', reason: 'failed-start' });
  const first = await frozenAt(operationId, 'power');
  expect(await h.run(operationId)).toBe('succeeded');
  expect(await first.thaw()).toBe('succeeded');
  expect(domainOf(serverId)).toMatchObject({ state: 'running', reason: 'booted' });
});

test('in `start`, while the second one is still in it: it looks again, and both go on', async () => {
  const serverId = await stopped();
  const operationId = await h.request('start', serverId);
  Object.assign(domainOf(serverId)!, { state: 'paused', reason: 'failed-start' });
  const { epoch, seq } = await h.agent.api.inventory({});
  // 1: the first one's cut, which sleeps until the guest runs. 2, 3: the second one's cut and start.
  const running = Promise.withResolvers<void>();
  let powers = 0;
  h.agent.gate.before = async (call) => {
    if (call === 'power' && ++powers === 1) await running.promise;
    if (call !== 'power' && domainOf(serverId)?.state === 'running') running.resolve();
  };
  // The second one does not hear that it runs, and so asks again.
  const first = h.run(operationId);
  await expect.poll(() => powers).toBe(1);
  const second = h.run(operationId, {
    step: async (name, work) => {
      if (name !== 'start') return work();
      h.agent.inject({ call: 'power', when: 'after', error: hostError('UNKNOWN_OUTCOME'), times: 2 });
      return work();
    },
  });
  expect([await first, await second]).toEqual(['succeeded', 'succeeded']);
  const { observations } = await h.agent.api.changes({ epoch, after: seq, waitMs: 0 });
  expect(observations.map(({ state }) => state)).toEqual(['off', 'running']);
});

test('in `start`: a guest that shut itself down since is not started behind the back of its owner', async () => {
  const serverId = await stopped();
  const operationId = await h.request('start', serverId);
  const first = await frozenAt(operationId, 'power');
  expect(await h.run(operationId)).toBe('succeeded');
  h.agent.guest.powersItselfOff(serverId);
  expect(await first.thaw()).toBe('succeeded');
  expect(domainOf(serverId)).toMatchObject({ state: 'off', reason: 'guest-shutdown' });
});

test('in `ask` of a stop that gave up: the guest runs on, as was said', async () => {
  const serverId = await h.running();
  h.agent.guest.ignoresAcpi.add(serverId);
  const operationId = await h.request('stop', serverId);
  const first = await frozenAt(operationId, 'power');
  expect(await h.run(operationId)).toBe('failed');
  h.agent.guest.ignoresAcpi.clear();
  expect(await first.thaw()).toBe('failed');
  expect(domainOf(serverId)).toMatchObject({ state: 'running', reason: 'booted' });
  expect(await leftovers(h)).toEqual([]);
});

test('in a start that failed and was undone: nothing is started after the undo', async () => {
  const serverId = await stopped();
  const operationId = await h.request('start', serverId);
  const first = await frozenAt(operationId, 'power');
  h.agent.inject({ call: 'power', when: 'before', error: hostError('START_FAILED') });
  expect(await h.run(operationId)).toBe('failed');
  expect(await first.thaw()).toBe('failed');
  expect(domainOf(serverId)?.state).toBe('off');
  expect(await leftovers(h)).toEqual([]);
});

test('in a create, before the seed: it is not written once more after it was taken away', async () => {
  const { serverId, operationId } = await h.place();
  const first = await frozenAt(operationId, 'putSeed');
  expect(await h.run(operationId)).toBe('succeeded');
  const { generation } = await h.deps.db.server.findUniqueOrThrow({ where: { id: serverId } });
  await h.agent.api.removeSeed({ serverId, generation });
  expect(await first.thaw()).toBe('succeeded');
  expect(h.agent.bodies.get(serverId)?.seed).toBe(false);
});

// ------------------------------------------------------------------ our own rows

/** A first worker of a create sleeps right before the transaction of one of its pieces. */
async function frozenBeforeTransaction(operationId: string, piece: string) {
  const asleep = Promise.withResolvers<void>();
  const thawed = Promise.withResolvers<void>();
  let armed = false;
  const db = new Proxy(h.deps.db, {
    get: (target, name, receiver) => {
      if (name !== '$transaction') return Reflect.get(target, name, receiver);
      return async (work: never) => {
        if (armed) {
          armed = false;
          asleep.resolve();
          await thawed.promise;
        }
        return target.$transaction(work);
      };
    },
  });
  const { attempt } = await h.deps.db.operation.findUniqueOrThrow({ where: { id: operationId } });
  const sleeping = runOperation(
    { ...h.deps, db },
    {
      step: (name, work) => {
        armed = name === piece;
        return work();
      },
    },
    definitions.create,
    operationId,
    attempt,
  );
  await asleep.promise;
  return async () => {
    thawed.resolve();
    return sleeping;
  };
}
const staff = { kind: 'staff' as const, id: 'usr_staff', requestId: null };

test('in the undo of `reserve`: what a later attempt has taken is not given back', async () => {
  const { serverId, operationId } = await h.place();
  h.agent.inject({ call: 'putVolume', when: 'before', error: hostError('HYPERVISOR'), times: 2 });
  const thaw = await frozenBeforeTransaction(operationId, 'undo-reserve');
  expect(await h.run(operationId, once)).toBe('failed');
  h.agent.clearFaults();
  await retryOperation(h.deps, { operationId, actor: staff });
  expect(await h.run(operationId)).toBe('succeeded');
  await thaw();
  expect(await leftovers(h)).toEqual([]);
  expect(domainOf(serverId)?.state).toBe('running');
});

test('in `reserve` of a later attempt that was undone since: nothing is taken for nobody', async () => {
  const { operationId } = await h.place();
  h.agent.inject({ call: 'ensureImage', when: 'before', error: hostError('HYPERVISOR') });
  expect(await h.run(operationId)).toBe('failed');
  await retryOperation(h.deps, { operationId, actor: staff });
  const thaw = await frozenBeforeTransaction(operationId, 'reserve');
  h.agent.inject({ call: 'ensureImage', when: 'before', error: hostError('HYPERVISOR') });
  expect(await h.run(operationId)).toBe('failed');
  expect(await leftovers(h)).toEqual([]);
  await thaw();
  expect(await leftovers(h)).toEqual([]);
});
