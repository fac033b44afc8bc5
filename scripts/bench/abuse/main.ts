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
/** How much later a piece may come where others read nothing, at the worst of 100. */
const LATER_MAX_MS = 50;
/** Of all cases, those that found an open console: some two in seven are meant to. */
const MET_MIN = 0.2;

const world = await createWorld();
try {
  const race = await raceForTickets(world, pairs);
  process.stdout.write(`${JSON.stringify(race)}\n`);
  const port = await stall(world, 'serial', stalled, seconds);
  process.stdout.write(`port ${JSON.stringify(port)}\n`);
  const screen = await stall(world, 'vnc', stalled, seconds);
  process.stdout.write(`screen ${JSON.stringify(screen)}\n`);
  process.stdout.write(`seed ${seed}\n`);
  const nonsense = await talkNonsense(world, cases, seed);
  const floods = [port, screen];
  const growth = Math.max(...floods.map((one) => one.stalled_growth_mib));
  const ratio = (part: 'reader' | 'guest') =>
    Number(Math.min(...floods.map((one) => one[`${part}_beside`] / one[`${part}_alone`])).toFixed(3));
  const holds = {
    tickets: race.accepted_once === pairs && race.accepted_twice === 0 && race.told_why === pairs,
    stayed: floods.every((one) => one.stalled_to_the_end === stalled),
    not_slowed: floods.every(({ reader_beside, guest_beside }) => Math.min(reader_beside, guest_beside) >= SHARE_MIN),
    not_later: floods.every((one) => one.late_p99_beside_ms <= one.late_p99_alone_ms + LATER_MAX_MS),
    memory: growth <= GROWTH_MAX_MIB && nonsense.nonsense_growth_mib <= GROWTH_MAX_MIB,
    nonsense: nonsense.crashes === 0 && nonsense.failures_logged === 0 && nonsense.works,
    nothing_left: nonsense.files_left === 0 && nonsense.consoles_left === 0,
    nonsense_met_consoles: nonsense.consoles_met >= cases * MET_MIN,
  };
  const faults = Object.entries(holds).flatMap(([name, so]) => (so ? [] : [name]));
  process.exitCode = faults.length === 0 ? 0 : 1;
  const figures = { stalled, rss_growth_mib: growth, viewer_ratio: ratio('reader'), guest_ratio: ratio('guest') };
  process.stdout.write(
    `${JSON.stringify({ bench: 'abuse', seed, ...race, ...figures, ...nonsense, port, screen, faults })}\n`,
  );
} finally {
  await world.end();
}
