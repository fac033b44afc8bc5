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

test.each<[string, () => Promise<() => unknown> | (() => unknown), RegExp]>([
  [
    'a domain',
    plant(
      () => gone,
      () => ({ domain: domain() }),
    ),
    /domain is true/,
  ],
  [
    'a disk',
    plant(
      () => gone,
      () => ({ volumes: new Set(['vol_x']) }),
    ),
    /disks is vol_x/,
  ],
  [
    'a filter',
    plant(
      () => gone,
      () => ({ network: true }),
    ),
    /network is true/,
  ],
  ['a body of nobody', plant(() => 'zzzzzzzzzz'), /of nobody/],
  [
    'an address',
    async () => {
      const where = { serverId: gone, address: { family: 'v4' as const } };
      const { id } = await h.deps.db.addressHold.findFirstOrThrow({ where });
      await h.deps.db.addressHold.update({ where: { id }, data: { until: null } });
      return () => h.deps.db.addressHold.update({ where: { id }, data: { until: h.deps.clock.now() } });
    },
    /v4 addresses is 1/,
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
    /disks is , should be vol_/,
  ],
  [
    'a guest that should run and does not',
    () => {
      h.agent.guest.crashes(living);
      return () => h.agent.api.power({ serverId: living, generation: 9, action: 'start' });
    },
    /domain state is off/,
  ],
])('%s is found', async (_, leak, sentence) => {
  expect(await leftovers(h)).toEqual([]);
  const takeAway = await leak();
  expect(await leftovers(h)).toEqual([expect.stringMatching(sentence)]);
  await takeAway();
});
