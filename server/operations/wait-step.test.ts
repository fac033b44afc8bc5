/** The deadline of a stop: a force off that comes at the last moment, a host that is away just then. */
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { AgentCall } from '../../compute-agent/contract/contract.ts';
import { definitions } from './definitions.ts';
import { leftovers } from './leftovers.ts';
import { runOperation } from './run.ts';
import { createHarness, type Harness, hostError, once } from './testing.ts';

vi.setConfig({ testTimeout: 60_000 });
const STOP_TIMEOUT_MS = 150;

let h: Harness;
beforeAll(async () => {
  h = await createHarness({ stopTimeoutMs: STOP_TIMEOUT_MS, stepBudgetMs: 300 });
});
afterAll(() => h.drop());
afterEach(async () => {
  h.agent.clearFaults();
  h.agent.guest.ignoresAcpi.clear();
  h.agent.gate.before = async () => {};
  for (const { id } of await h.deps.db.server.findMany({ where: { deletedAt: null } }))
    await h.run(await h.request('delete', id));
});

const operation = (id: string) => h.deps.db.operation.findUniqueOrThrow({ where: { id } });
const domainOf = (id: string) => h.agent.bodies.get(id)?.domain;

/** A stop of a guest that does not listen; `late` is called once, before the first such call behind the deadline. */
async function stopping(at: AgentCall = 'observe', late: (serverId: string) => Promise<void> = async () => {}) {
  const serverId = await h.running();
  h.agent.guest.ignoresAcpi.add(serverId);
  const operationId = await h.request('stop', serverId);
  let done = false;
  h.agent.gate.before = async (call) => {
    if (call !== at || done) return;
    const { result } = await operation(operationId);
    const until = (result as { waitsUntil?: string } | null)?.waitsUntil;
    if (!until || h.deps.clock.now().getTime() < new Date(until).getTime()) return;
    done = true;
    await late(serverId);
  };
  return { serverId, operationId };
}

test('a force off between the last look and the failure is honoured', async () => {
  const { serverId, operationId } = await stopping('observe', async (id) => {
    expect(await h.request('force-off', id)).toBe(operationId);
  });
  expect(await h.run(operationId)).toBe('succeeded');
  expect(domainOf(serverId)).toMatchObject({ state: 'off', reason: 'destroyed' });
  expect(await leftovers(h)).toEqual([]);
});

test('a force off behind the decision to give up takes over instead of being lost', async () => {
  const { serverId, operationId } = await stopping();
  let forced: string | undefined;
  const db = new Proxy(h.deps.db, {
    get: (target, name, receiver) => {
      if (name !== '$transaction') return Reflect.get(target, name, receiver);
      return async (work: never) => {
        // Decided, but neither the step's failure nor the end is written.
        if (!forced && (await operation(operationId)).signal === 'closed')
          forced = await h.request('force-off', serverId);
        return target.$transaction(work);
      };
    },
  });
  await runOperation({ ...h.deps, db }, once, definitions.stop, operationId, 1);
  expect(forced).not.toBe(operationId);
  expect(await operation(operationId)).toMatchObject({ state: 'superseded', supersededBy: forced });
  expect(await h.run(forced!)).toBe('succeeded');
  expect(domainOf(serverId)?.state).toBe('off');
  expect(await leftovers(h)).toEqual([]);
});

test('a host that is away at the deadline and does not come back: nobody says that the guest runs', async () => {
  const { operationId } = await stopping('observe', async () => {
    h.agent.inject({ call: 'observe', when: 'before', error: hostError('HYPERVISOR_AWAY'), times: 10_000 });
    h.agent.inject({ call: 'putDomain', when: 'before', error: hostError('HYPERVISOR_AWAY'), times: 10_000 });
  });
  expect(await h.run(operationId)).toBe('stuck');
  expect(await operation(operationId)).toMatchObject({ errorCode: 'HOST_AWAY' });
  h.agent.clearFaults();
});

test('a host that is away at the deadline and comes back: its own word counts', async () => {
  const { serverId, operationId } = await stopping('observe', async () => {
    h.agent.inject({ call: 'observe', when: 'before', error: hostError('UNKNOWN_OUTCOME'), times: 5 });
  });
  expect(await h.run(operationId)).toBe('failed');
  expect(await operation(operationId)).toMatchObject({ errorCode: 'GUEST_IGNORED' });
  expect(domainOf(serverId)?.state).toBe('running');

  const slow = await stopping('observe', async (id) => {
    h.agent.inject({ call: 'observe', when: 'before', error: hostError('UNKNOWN_OUTCOME'), times: 5 });
    h.agent.guest.powersItselfOff(id);
  });
  expect(await h.run(slow.operationId)).toBe('succeeded');
  expect(await leftovers(h)).toEqual([]);
});
