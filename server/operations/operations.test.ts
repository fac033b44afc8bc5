/** Every operation through the harness: each piece twice, at once, cut off and gone on with; answers that get lost. */
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { AgentCall } from '../../compute-agent/contract/contract.ts';
import { leftovers } from './leftovers.ts';
import { atOnce, createHarness, type Harness, hostError, killAndResume, once, twice } from './testing.ts';

// Some fifty operations per test, on a machine that other tests use as well.
vi.setConfig({ testTimeout: 120_000 });

let h: Harness;
beforeAll(async () => {
  h = await createHarness();
});
afterAll(() => h.drop());

/** What each operation starts from, how it is asked for, and what it asks of the host. */
const journeys: Record<string, { from: () => Promise<string>; calls: AgentCall[] }> = {
  create: {
    from: async () => (await h.place()).operationId,
    calls: ['ensureImage', 'putVolume', 'putSeed', 'putNetwork', 'putDomain', 'power', 'observe'],
  },
  start: {
    from: async () => h.request('start', await stopped()),
    calls: ['putNetwork', 'putDomain', 'observe', 'power'],
  },
  stop: { from: async () => h.request('stop', await h.running()), calls: ['putDomain', 'power', 'observe'] },
  restart: {
    from: async () => h.request('restart', await h.running(), { onTimeout: 'give-up' }),
    calls: ['putDomain', 'power', 'observe', 'putNetwork'],
  },
  'force-off': {
    from: async () => h.request('force-off', await h.running()),
    calls: ['putDomain', 'power', 'observe'],
  },
  delete: { from: async () => h.request('delete', await h.running()), calls: ['removeServer'] },
};

async function stopped(): Promise<string> {
  const serverId = await h.running();
  await h.run(await h.request('force-off', serverId));
  return serverId;
}

/** Gives everything back, so that each test begins with an empty pool of takers. */
async function clear(): Promise<void> {
  h.agent.guest.ignoresAcpi.clear();
  h.agent.guest.doesNotStart.clear();
  for (const { id } of await h.deps.db.server.findMany({ where: { deletedAt: null } })) {
    await h.run(await h.request('delete', id));
  }
}
beforeEach(clear);

describe.each(Object.entries(journeys))('%s', (_, { from, calls }) => {
  test('once, each piece twice, each piece at the same time', async () => {
    for (const durable of [once, twice, atOnce]) {
      expect(await h.run(await from(), durable)).toBe('succeeded');
      expect(await leftovers(h)).toEqual([]);
      await clear();
    }
  });

  test.each(['before', 'after'] as const)('a worker dies %s each piece, and the next one goes on', async (when) => {
    for (let n = 0; ; n++) {
      const operationId = await from();
      const reached = await killAndResume(h, operationId, n, when);
      expect((await h.deps.db.operation.findUniqueOrThrow({ where: { id: operationId } })).state).toBe('succeeded');
      expect(await leftovers(h)).toEqual([]);
      await clear();
      if (!reached) break;
    }
  });

  test('a lost answer, a busy host and libvirt away are asked again', async () => {
    for (const call of calls) {
      for (const [when, code] of [
        ['after', 'UNKNOWN_OUTCOME'],
        ['before', 'BUSY'],
        ['before', 'HYPERVISOR_AWAY'],
      ] as const) {
        const operationId = await from();
        h.agent.inject({ call, when, error: hostError(code) });
        expect(await h.run(operationId), `${call} ${when} ${code}`).toBe('succeeded');
        expect(await leftovers(h)).toEqual([]);
        await clear();
      }
    }
  });
});
