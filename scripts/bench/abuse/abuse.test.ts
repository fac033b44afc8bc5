/** The short form of the bench: the same proofs on the same processes, each just long enough to fail. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { talkNonsense } from './nonsense.ts';
import { stall } from './stalled.ts';
import { raceForTickets } from './tickets.ts';
import { createWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.end());

test('of two sockets with one ticket at once one gets the console, the other is told why not', async () => {
  expect(await raceForTickets(world, 300)).toEqual({
    ...{ pairs: 300, accepted_once: 300, accepted_twice: 0, told_why: 300 },
  });
});

test.each(['serial', 'vnc'] as const)(
  'viewers who read nothing slow neither the guest nor who reads: %s',
  async (kind) => {
    const found = await stall(world, kind, 12, 2);
    expect(found.stalled_to_the_end).toBe(12);
    expect(found.guest_beside).toBeGreaterThan(0.7 * found.guest_alone);
    expect(found.reader_beside).toBeGreaterThan(0.7 * found.reader_alone);
    expect(found.stalled_growth_mib).toBeLessThan(48);
  },
  60_000,
);

test('nonsense at every stage: nothing crashes, nothing is left, a good console opens', async () => {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0] as number;
  const found = await talkNonsense(world, 2_000, seed);
  expect(found, `seed ${seed}`).toMatchObject({
    ...{ crashes: 0, failures_logged: 0, files_left: 0, consoles_left: 0, works: true },
  });
  expect(found.consoles_met, 'else it proves little').toBeGreaterThan(300);
}, 120_000);
