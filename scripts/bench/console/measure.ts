/** One side under one load: opens its viewers, lets the source speak, reads the kernel's clocks, closes them. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Helper } from './helper.ts';
import type { Way } from './line.ts';
import type { Flow } from './load.ts';
import { cpuMs } from './proc.ts';
import type { Side } from './side.ts';
import type { Source } from './source.ts';
import type { Viewers } from './viewers.ts';

/** Code that has not run is not compiled, and costs up to twice as much. */
const WARM_MS = 1_500;
const SETTLE_MS = 1_000;
const WAIT_MS = 20_000;
const MIB = 1_048_576;

export type World = { source: Helper<Source>; viewers: Helper<Viewers>; seconds: number };
type Opened = Pick<Side, 'name' | 'left'> & { way: (viewers: number) => Promise<Way> };

export async function withViewers<T>(
  world: World,
  side: Opened,
  count: number,
  looks: boolean,
  work: () => Promise<T>,
) {
  const { source, viewers } = world;
  await source.ask('flow', { is: 'quiet' });
  await source.ask('forget');
  await viewers.ask('open', await side.way(count), count, looks);
  await until(async () => (await source.ask('viewers')) === count, `${side.name}: not all of ${count} viewers arrived`);
  const result = await work();
  await viewers.ask('close');
  await until(async () => (await source.ask('viewers')) === 0, `${side.name}: viewers that have gone stay`);
  await side.left();
  return result;
}

/** MiB that reached the viewers per second of processor. Throws where a byte was lost. */
export async function mibPerCpuSecond(world: World, side: Side, consoles: number, flow: Flow): Promise<Moved> {
  const { source, viewers, seconds } = world;
  return withViewers(world, side, consoles, false, async () => {
    await source.ask('flow', flow);
    await sleep(WARM_MS);
    const [bytes, cpu, at] = [await viewers.ask('bytes'), cpuMs(side.pids), performance.now()];
    await sleep(seconds * 1_000);
    const [moved, took] = [(await viewers.ask('bytes')) - bytes, cpuMs(side.pids) - cpu];
    const lasted = performance.now() - at;
    await source.ask('flow', { is: 'quiet' });
    const all = async () => (await viewers.ask('bytes')) === (await source.ask('sent'));
    await until(all, `${side.name}: bytes were lost or doubled`);
    return { perCpuSecond: moved / MIB / (took / 1_000), perSecond: moved / MIB / (lasted / 1_000) };
  });
}
export type Moved = { perCpuSecond: number; perSecond: number };

export type Trips = { p50: number; p99: number };

/** A key's way to the guest and its echo's back, in ms, while every viewer is told a little now and then. */
export async function roundTrips(world: World, side: Opened, consoles: number, everyMs: number): Promise<Trips> {
  const { source, viewers, seconds } = world;
  return withViewers(world, side, consoles, true, async () => {
    await source.ask('flow', { is: 'trickle', everyMs });
    await sleep(SETTLE_MS);
    await viewers.ask('probe', SETTLE_MS);
    const trips = (await viewers.ask('probe', seconds * 1_000)).sort((a, b) => a - b);
    const at = (part: number) => (trips[Math.floor(trips.length * part)] as number) / 1_000;
    return { p50: at(0.5), p99: at(0.99) };
  });
}

async function until(holds: () => Promise<boolean>, otherwise: string): Promise<void> {
  for (const end = Date.now() + WAIT_MS; !(await holds()); await sleep(20))
    if (Date.now() > end) throw new Error(otherwise);
}
