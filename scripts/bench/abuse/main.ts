/**
 * npm run -s bench abuse [-- --pairs 10000 --stalled 50 --seconds 60 --cases 100000 --seed N]
 *
 * What a console-proxy must bear: two sockets with one ticket at once, viewers of a flooding port who read nothing,
 * and whatever is not the protocol. Real proxy, real streams of the agent with mutual TLS between; the guest is played.
 * Exit code 1 when any of it is not as it must be.
 */
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { talkNonsense } from './nonsense.ts';
import { stall } from './stalled.ts';
import { raceForTickets } from './tickets.ts';
import { createWorld } from './world.ts';

const { values } = parseArgs({
  options: {
    pairs: { type: 'string' },
    stalled: { type: 'string' },
    seconds: { type: 'string' },
    cases: { type: 'string' },
    seed: { type: 'string' },
  },
});
const count = (otherwise: number) => z.coerce.number().int().min(0).default(otherwise);
const { pairs, stalled, seconds, cases, seed } = z
  .object({
    ...{ pairs: count(10_000), stalled: count(50), seconds: count(60), cases: count(100_000) },
    seed: count(crypto.getRandomValues(new Uint32Array(1))[0] as number),
  })
  .parse(values);

/** What buffers may come to that are kept for the next who comes; a leak passes it at once. */
const GROWTH_MAX_MIB = 48;
/** The share of what was said that a reader has a second after it, and of what it wanted that the guest said. */
const SHARE_MIN = 0.97;

const world = await createWorld();
try {
  const race = await raceForTickets(world, pairs);
  process.stdout.write(`${JSON.stringify(race)}\n`);
  const flood = await stall(world, stalled, seconds);
  process.stdout.write(`${JSON.stringify(flood)}\n`);
  const nonsense = await talkNonsense(world, cases, seed);
  const faults = [
    ...(race.accepted_once === pairs && race.told_why === pairs ? [] : ['tickets']),
    ...(flood.reader_beside >= SHARE_MIN && flood.guest_beside >= SHARE_MIN ? [] : ['slowed']),
    ...(flood.stalled_growth_mib <= GROWTH_MAX_MIB && nonsense.nonsense_growth_mib <= GROWTH_MAX_MIB ? [] : ['memory']),
    ...(nonsense.crashes === 0 && nonsense.works && nonsense.files_left === 0 && nonsense.consoles_left === 0
      ? []
      : ['nonsense']),
  ];
  process.exitCode = faults.length === 0 ? 0 : 1;
  process.stdout.write(`${JSON.stringify({ bench: 'abuse', seed, ...race, ...flood, ...nonsense, faults })}\n`);
} finally {
  await world.end();
}
