/** Hosts that say no, and hosts that say nothing: what is undone, what is stuck, what staff can do. */
import { describe, expect, test, vi } from 'vitest';
import type { AgentCall } from '../../compute-agent/contract/contract.ts';
import { getServer } from '../servers/view.ts';
import { leftovers } from './leftovers.ts';
import { getForStaff, retryOperation, undoOperation } from './staff.ts';
import { atOnce, codeOf, type Harness, hostError, twice } from './testing.ts';
import { withHarness } from './testing-scene.ts';
import { ACCOUNT } from './testing-stock.ts';

vi.setConfig({ testTimeout: 60_000 });
const staff = { kind: 'staff' as const, id: 'usr_staff', requestId: null };

let h: Harness;
withHarness((harness) => {
  h = harness;
});

const operation = (id: string) => h.deps.db.operation.findUniqueOrThrow({ where: { id } });
const stateOf = async (id: string) => (await getServer(h.deps, ACCOUNT, id, 'owner')).state;
/** A start that has reached its host, which then says no more: stuck, while the guest runs. */
async function stuckStart(): Promise<{ serverId: string; operationId: string }> {
  const serverId = await h.running();
  await h.run(await h.request('force-off', serverId));
  h.agent.inject({ call: 'power', when: 'after', error: hostError('UNKNOWN_OUTCOME'), times: 1000 });
  const operationId = await h.request('start', serverId);
  expect(await h.run(operationId)).toBe('stuck');
  h.agent.clearFaults();
  return { serverId, operationId };
}

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

describe('start', () => {
  test('stuck with its guest running: undo would cut the power and is refused, a retry ends it well', async () => {
    const { serverId, operationId } = await stuckStart();
    await h.observe();
    expect(h.agent.bodies.get(serverId)?.domain?.state).toBe('running');
    expect(await getForStaff(h.deps, operationId)).toMatchObject({ canRetry: true, canUndo: false, guestRuns: true });
    expect(await codeOf(undoOperation(h.deps, { operationId, actor: staff }))).toBe('NOT_POSSIBLE');
    expect(h.agent.bodies.get(serverId)?.domain?.state).toBe('running');
    await retryOperation(h.deps, { operationId, actor: staff });
    expect(await h.run(operationId)).toBe('succeeded');
    expect(await stateOf(serverId)).toBe('running');
  });

  test('stuck with its guest off can be undone', async () => {
    const { serverId, operationId } = await stuckStart();
    h.agent.guest.powersItselfOff(serverId);
    await h.observe();
    expect(await getForStaff(h.deps, operationId)).toMatchObject({ canUndo: true, guestRuns: false });
    await undoOperation(h.deps, { operationId, actor: staff });
    expect(await h.run(operationId)).toBe('undone');
    expect(await stateOf(serverId)).toBe('stopped');
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

test.each(['create', 'delete'])('a clock that is set back does not keep a %s from giving back', async (which) => {
  const { operationId, serverId } = await h.place();
  if (which === 'create') h.agent.inject({ call: 'putVolume', when: 'before', error: hostError('HYPERVISOR') });
  else await h.run(operationId);
  const { clock } = h.deps;
  h.deps.clock = { now: () => new Date(clock.now().getTime() - 3_600_000) };
  try {
    const id = which === 'create' ? operationId : await h.request('delete', serverId);
    expect(await h.run(id)).toBe(which === 'create' ? 'failed' : 'succeeded');
  } finally {
    h.deps.clock = clock;
  }
  const ended = await h.deps.db.addressHold.findMany({ where: { serverId } });
  expect(ended.map((hold) => hold.until)).toEqual(ended.map((hold) => hold.from));
  expect(await leftovers(h)).toEqual([]);
});
