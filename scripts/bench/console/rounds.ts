/** The sides take turns, so that what the machine does besides falls on all of them; medians of the rounds count. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Flow } from './load.ts';
import { type Moved, mibPerCpuSecond, roundTrips, type Trips, type World, withViewers } from './measure.ts';
import { rssKib } from './proc.ts';
import type { Side } from './side.ts';

export const MANY = 200;
const TRICKLE_MS = 200;
const WARM = 5;
const QUIET_MS = 4_000;

const LOADS = ['flat', '4k', '16k', '64k'] as const;
type Load = (typeof LOADS)[number];
/** 4 MiB/s to each of 16. */
const flowOf = (load: Load): { consoles: number; flow: Flow } => {
  if (load === 'flat') return { consoles: 1, flow: { is: 'flat' } };
  const kib = Number.parseInt(load, 10);
  return { consoles: 16, flow: { is: 'paced', bytes: kib * 1_024, everyMs: kib / 4 } };
};

const say = (line: string) => void process.stdout.write(`${line}\n`);
const round3 = (value: number) => Number(value.toFixed(3));

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] as number) + (sorted[Math.ceil(middle)] as number)) / 2;
}

type Sides = { ours: Side; nginx: Side; websockify: Side };
type Round = Record<keyof Sides, Moved>;

export async function measureLoads(world: World, sides: Sides, rounds: number) {
  const found: Record<Load, Round[]> = { flat: [], '4k': [], '16k': [], '64k': [] };
  for (let round = 1; round <= rounds; round++) {
    for (const load of LOADS) {
      const { consoles, flow } = flowOf(load);
      const of = (side: Side) => mibPerCpuSecond(world, side, consoles, flow);
      const moved = {
        ours: await of(sides.ours),
        nginx: await of(sides.nginx),
        websockify: await of(sides.websockify),
      };
      found[load].push(moved);
      const words = Object.entries(moved).map(
        ([name, { perCpuSecond, perSecond }]) =>
          `${name} ${perCpuSecond.toFixed(0)} (at ${perSecond.toFixed(0)} MiB/s)`,
      );
      say(`round ${round}, ${load}, MiB per CPU second: ${words.join(', ')}`);
    }
  }
  const against = (peer: 'nginx' | 'websockify', load: Load) =>
    round3(median(found[load].map(({ ours, [peer]: other }) => ours.perCpuSecond / other.perCpuSecond)));
  const each = <T>(of: (load: Load) => T) => Object.fromEntries(LOADS.map((load) => [load, of(load)]));
  const moved = (side: keyof Sides) =>
    each((load) => Math.round(median(found[load].map((all) => all[side].perCpuSecond))));
  return {
    ratio: Math.min(...LOADS.map((load) => against('nginx', load))),
    ratio_websockify_4k: against('websockify', '4k'),
    ratio_websockify_flat: against('websockify', 'flat'),
    ratios_nginx: each((load) => against('nginx', load)),
    ratios_websockify: each((load) => against('websockify', load)),
    mib_per_cpu_second: { ours: moved('ours'), nginx: moved('nginx'), websockify: moved('websockify') },
  };
}

export async function measureTrips(world: World, sides: { ours: Side; nginx: Side; target: string }, rounds: number) {
  const found: { direct: Trips; ours: Trips; nginx: Trips }[] = [];
  const direct = {
    name: 'direct',
    way: async () => ({ is: 'bare', target: sides.target }) as const,
    left: async () => {},
  };
  for (let round = 1; round <= rounds; round++) {
    const of = (side: Pick<Side, 'name' | 'way' | 'left'>) => roundTrips(world, side, MANY, TRICKLE_MS);
    const trips = { direct: await of(direct), ours: await of(sides.ours), nginx: await of(sides.nginx) };
    found.push(trips);
    const words = Object.entries(trips).map(([name, { p50, p99 }]) => `${name} ${p50.toFixed(3)}/${p99.toFixed(3)}`);
    say(`round ${round}, round trip p50/p99 in ms, ${MANY} consoles: ${words.join(', ')}`);
  }
  const added = (side: 'ours' | 'nginx', part: 'p50' | 'p99') =>
    round3(median(found.map(({ direct, [side]: other }) => other[part] - direct[part])));
  return {
    added_p50_ms: added('ours', 'p50'),
    added_p99_ms: added('ours', 'p99'),
    nginx_added_p50_ms: added('nginx', 'p50'),
    nginx_added_p99_ms: added('nginx', 'p99'),
  };
}

/** What both of our processes grow by for each console that is open and says nothing. */
export async function idleKib(world: World, ours: Side): Promise<number> {
  await withViewers(world, ours, WARM, false, () => sleep(QUIET_MS));
  const before = rssKib(ours.pids);
  const after = await withViewers(world, ours, MANY, false, async () => {
    await sleep(QUIET_MS);
    return rssKib(ours.pids);
  });
  return Math.round((after - before) / MANY);
}
