/** A checker that cannot turn red proves nothing: leaks are planted, one of each kind. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Body } from '../agent-client/simulated.ts';
import { leftovers } from './leftovers.ts';
import { createHarness, type Harness } from './testing.ts';

let h: Harness;
let living: string;
let gone: string;
beforeAll(async () => {
  h = await createHarness();
  [living, gone] = [await h.running(), await h.running()];
  await h.run(await h.request('delete', gone));
});
afterAll(() => h.drop());

const domain = () => ({ ...h.agent.bodies.get(living)!.domain!, state: 'off' as const });

/** Puts something on the host; the answer takes it away again. */
const plant =
  (id: () => string, more: () => Partial<Body> = () => ({})) =>
  () => {
    h.agent.bodies.set(id(), { volumes: new Set<string>(), seed: false, network: false, ...more() });
    return () => h.agent.bodies.delete(id());
  };

test.each<[string, () => Promise<() => unknown> | (() => unknown), string[]]>([
  [
    'a domain',
    plant(
      () => gone,
      () => ({ domain: domain() }),
    ),
    ['domain'],
  ],
  [
    'a disk',
    plant(
      () => gone,
      () => ({ volumes: new Set(['vol_x']) }),
    ),
    ['disk'],
  ],
  [
    'a filter',
    plant(
      () => gone,
      () => ({ network: true }),
    ),
    ['filter', 'lease'],
  ],
  [
    'a seed',
    plant(
      () => gone,
      () => ({ seed: true }),
    ),
    ['seed'],
  ],
  [
    'a disk of nobody',
    plant(
      () => 'zzzzzzzzzz',
      () => ({ volumes: new Set(['vol_x']) }),
    ),
    ['disk'],
  ],
  [
    'an address',
    async () => {
      const where = { serverId: gone, address: { family: 'v4' as const } };
      const { id } = await h.deps.db.addressHold.findFirstOrThrow({ where });
      await h.deps.db.addressHold.update({ where: { id }, data: { until: null } });
      return () => h.deps.db.addressHold.update({ where: { id }, data: { until: h.deps.clock.now() } });
    },
    ['hold'],
  ],
  [
    'a lost disk',
    () => {
      const { volumes } = h.agent.bodies.get(living)!;
      const kept = [...volumes];
      volumes.clear();
      return () => {
        for (const id of kept) volumes.add(id);
      };
    },
    ['disk', 'disk'],
  ],
  [
    'a tombstone that was lost',
    () => {
      const generation = h.agent.tombstones.get(gone)!;
      h.agent.tombstones.delete(gone);
      return () => h.agent.tombstones.set(gone, generation);
    },
    ['tombstone'],
  ],
  [
    'a step that runs for ever',
    async () => {
      const { operationId, attempt, seq } = await h.deps.db.operationStep.findFirstOrThrow({
        where: { operation: { serverId: living } },
      });
      const where = { operationId_attempt_seq: { operationId, attempt, seq } };
      await h.deps.db.operationStep.update({ where, data: { state: 'running' } });
      return () => h.deps.db.operationStep.update({ where, data: { state: 'done' } });
    },
    ['step'],
  ],
  [
    'a guest that should run and does not',
    () => {
      h.agent.guest.crashes(living);
      return () => h.agent.api.power({ serverId: living, generation: 9, action: 'start' });
    },
    ['observed', 'intended'],
  ],
])('%s is found', async (_, leak, kinds) => {
  expect(await leftovers(h)).toEqual([]);
  const takeAway = await leak();
  expect((await leftovers(h)).map(({ kind }) => kind)).toEqual(kinds);
  await takeAway();
});
