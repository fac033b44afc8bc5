/**
 * Viewers of a flooding port, or screen, who read nothing. One who reads stands beside them, before and meanwhile: it
 * gets all that the guest says, as soon as it is said; the guest says all it wants; and nobody keeps what is not taken.
 * They answer pings that they never read, so that nobody takes them for dead: they must be there at the end.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { rssKib } from '../console/proc.ts';
import { type Mouth, portMouth, screenMouth } from './mouths.ts';
import { frame, handshake, Wire } from './wire.ts';
import type { Kind, World } from './world.ts';

const MIB = 1_048_576;
const PONG_MS = 5_000;
const PONG = frame(10, Buffer.alloc(0));

export type Stalled = {
  stalled: number;
  /** Of them, how many were open still when it ended. */
  stalled_to_the_end: number;
  seconds: number;
  /** What the reader got of what was said while it looked, without the others and with them; its part of all. */
  reader_alone: number;
  reader_beside: number;
  /** How much of what it wanted to say the guest could say. */
  guest_alone: number;
  guest_beside: number;
  /** Between a piece that the guest says and its end at the reader, ms: the worst of 100. */
  late_p99_alone_ms: number;
  late_p99_beside_ms: number;
  /** Proxy and agent together, from a quarter of the time to its end. */
  stalled_growth_mib: number;
};

type Flood = { reader: number; guest: number; lateMs: number; rssGrowthKib: number };

export async function stall(world: World, kind: Kind, stalled: number, seconds: number): Promise<Stalled> {
  const [own, ...others] = await world.tickets(stalled + 1, kind);
  const reader = await look(world, kind, own as string);
  const mouth = kind === 'serial' ? portMouth(world) : screenMouth(world);
  const alone = await flood(world, reader, mouth, Math.max(1, seconds / 6));
  const asleep: Wire[] = [];
  for (const ticket of others) {
    const wire = await look(world, kind, ticket);
    wire.socket.pause();
    asleep.push(wire);
  }
  const pongs = setInterval(() => {
    for (const { socket } of asleep) socket.write(PONG);
  }, PONG_MS);
  mouth.floodOthers();
  const beside = await flood(world, reader, mouth, seconds);
  const open = await world.open();
  clearInterval(pongs);
  mouth.close();
  for (const { socket } of [reader, ...asleep]) socket.destroy();
  while ((await world.open()) > 0) await sleep(10);
  const round = (value: number) => Number(value.toFixed(3));
  return {
    ...{ stalled, stalled_to_the_end: open - 1, seconds },
    ...{ reader_alone: round(alone.reader), reader_beside: round(beside.reader) },
    ...{ guest_alone: round(alone.guest), guest_beside: round(beside.guest) },
    ...{ late_p99_alone_ms: round(alone.lateMs), late_p99_beside_ms: round(beside.lateMs) },
    stalled_growth_mib: round(beside.rssGrowthKib / 1_024),
  };
}

/** As the page does: the first word at a port is where to begin. */
async function look(world: World, kind: Kind, ticket: string): Promise<Wire> {
  const wire = new Wire(world.port);
  wire.socket.write(handshake(world.port, ticket));
  await wire.until(({ status, close }) => status === 101 || close !== null);
  if (kind === 'serial') wire.socket.write(frame(1, Buffer.from(JSON.stringify({ t: 'open', from: null }))));
  const { close } = await wire.until(({ binary, close }) => binary > 0 || close !== null);
  if (close !== null) throw new Error(`a viewer was sent away: ${close}`);
  return wire;
}

async function flood(world: World, reader: Wire, mouth: Mouth, seconds: number): Promise<Flood> {
  const before = reader.seen.binary;
  /** Of pieces under way: how much will have been said with them, and when they were. */
  const under: [said: number, at: number][] = [];
  const late: number[] = [];
  let said = 0;
  let warmKib = 0;
  const arrived = () => {
    const got = reader.seen.binary - before;
    while (under[0] && under[0][0] <= got) late.push(performance.now() - (under.shift() as [number, number])[1]);
  };
  reader.onRead = arrived;
  const began = performance.now();
  const lasted = () => performance.now() - began;
  while (lasted() < seconds * 1_000) {
    while (said < lasted() * mouth.bytesPerMs) {
      const bytes = mouth.say();
      if (bytes === 0) break;
      said += bytes;
      under.push([said, performance.now()]);
    }
    if (warmKib === 0 && lasted() > seconds * 250) warmKib = rssKib(world.pids);
    await sleep(2);
  }
  const wanted = lasted() * mouth.bytesPerMs;
  const rssGrowthKib = rssKib(world.pids) - warmKib;
  // What is on its way; who was jumped over never gets it.
  for (const until = performance.now() + 1_000; reader.seen.binary - before < said && performance.now() < until; )
    await sleep(10);
  reader.onRead = () => {};
  late.sort((a, b) => a - b);
  process.stdout.write(`${(said / MIB / seconds).toFixed(1)} MiB/s for ${seconds} s\n`);
  return {
    reader: (reader.seen.binary - before) / said,
    guest: Math.min(1, said / wanted),
    lateMs: late[Math.floor(late.length * 0.99)] ?? Number.POSITIVE_INFINITY,
    rssGrowthKib,
  };
}
