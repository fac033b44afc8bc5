/** Every operation through the harness: twice, at once, killed and resumed at each piece, failing at each step. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { AgentCall } from '../../compute-agent/contract/contract.ts';
import { atOnce, createHarness, type Harness, hostError, killAndResume, leftovers, once, twice } from './testing.ts';

let h: Harness;
beforeAll(async () => {
  h = await createHarness();
});
afterAll(() => h.drop());

/** What each operation starts from, and how it is asked for. */
const journeys = {
  create: { from: async () => (await h.place()).operationId },
  start: { from: async () => h.request('start', await stopped()) },
  stop: { from: async () => h.request('stop', await h.running()) },
  restart: { from: async () => h.request('restart', await h.running(), { onTimeout: 'give-up' }) },
  'force-off': { from: async () => h.request('force-off', await h.running()) },
  delete: { from: async () => h.request('delete', await h.running()) },
};
const names = Object.keys(journeys) as (keyof typeof journeys)[];

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

describe.each(names)('%s', (name) => {
  const { from } = journeys[name];

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
    for (const call of [
      'putVolume',
      'putSeed',
      'putNetwork',
      'putDomain',
      'power',
      'observe',
      'removeServer',
    ] as AgentCall[]) {
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
