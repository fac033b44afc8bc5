/**
 * Viewers of a flooding serial port who read nothing. One who reads stands beside them, before and meanwhile: it gets
 * all that the guest says, as soon as it is said; the guest says all it wants; and nobody keeps what is not taken.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { rssKib } from '../console/proc.ts';
import { frame, handshake, Wire } from './wire.ts';
import type { World } from './world.ts';

const PIECE = Buffer.alloc(16_384, 'The quick brown fox jumps over the lazy dog, again and again.\r\n');
/** 4 MiB/s, a thousand times what a serial line of its time could. */
const EVERY_MS = 4;
const MIB = 1_048_576;

export type Stalled = {
  stalled: number;
  seconds: number;
  /** What the reader got of what was said while it looked, without the others and with them; its part of all. */
  reader_alone: number;
  reader_beside: number;
  /** How much of what it wanted to say the guest could say. */
  guest_alone: number;
  guest_beside: number;
  /** Proxy and agent together, from a quarter of the time to its end. */
  stalled_growth_mib: number;
};

type Flood = { reader: number; guest: number; rssGrowthKib: number };

export async function stall(world: World, stalled: number, seconds: number): Promise<Stalled> {
  const [own, ...others] = await world.tickets(stalled + 1, 'serial');
  const reader = await look(world, own as string);
  const alone = await flood(world, reader, Math.max(2, seconds / 6));
  const asleep: Wire[] = [];
  for (const ticket of others) {
    const wire = await look(world, ticket);
    wire.socket.pause();
    asleep.push(wire);
  }
  const beside = await flood(world, reader, seconds);
  for (const { socket } of [reader, ...asleep]) socket.destroy();
  while ((await world.open()) > 0) await sleep(10);
  const round = (value: number) => Number(value.toFixed(3));
  return {
    ...{ stalled, seconds },
    ...{ reader_alone: round(alone.reader), reader_beside: round(beside.reader) },
    ...{ guest_alone: round(alone.guest), guest_beside: round(beside.guest) },
    stalled_growth_mib: round(beside.rssGrowthKib / 1_024),
  };
}

/** As the page does: the first word is where to begin. */
async function look(world: World, ticket: string): Promise<Wire> {
  const wire = new Wire(world.port);
  wire.socket.write(handshake(world.port, ticket));
  await wire.until(({ status, close }) => status === 101 || close !== null);
  wire.socket.write(frame(1, Buffer.from(JSON.stringify({ t: 'open', from: null }))));
  const { close } = await wire.until(({ binary, close }) => binary > 0 || close !== null);
  if (close !== null) throw new Error(`a viewer was sent away: ${close}`);
  return wire;
}

async function flood(world: World, reader: Wire, seconds: number): Promise<Flood> {
  const log = openSync(world.serialLog, 'a');
  const before = reader.seen.binary;
  let said = 0;
  let warmKib = 0;
  const began = performance.now();
  const lasted = () => performance.now() - began;
  while (lasted() < seconds * 1_000) {
    while (said * EVERY_MS < lasted() * PIECE.length) {
      writeSync(log, PIECE);
      said += PIECE.length;
    }
    if (warmKib === 0 && lasted() > seconds * 250) warmKib = rssKib(world.pids);
    await sleep(EVERY_MS);
  }
  const wanted = (lasted() / EVERY_MS) * PIECE.length;
  // What is on its way; who was jumped over never gets it.
  for (const until = performance.now() + 1_000; reader.seen.binary - before < said && performance.now() < until; )
    await sleep(10);
  closeSync(log);
  process.stdout.write(`${(said / MIB / seconds).toFixed(1)} MiB/s for ${seconds} s\n`);
  return {
    reader: (reader.seen.binary - before) / said,
    guest: said / wanted,
    rssGrowthKib: rssKib(world.pids) - warmKib,
  };
}
