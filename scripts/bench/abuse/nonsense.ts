/** Says every malformed thing there is, many times, to a proxy that must live on as if nothing had happened. */
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { rssKib } from '../console/proc.ts';
import { seeded } from '../fuzz/mutations.ts';
import { cases, type Random } from './malformed.ts';
import { handshake, Wire } from './wire.ts';
import { GREETING, type World } from './world.ts';

const AT_ONCE = 60;
/** How long one stays who is told nothing: half a request may wait for its other half. */
const PATIENCE_MS = 25;
const SETTLE_MS = 3_000;

export type Nonsense = {
  cases: number;
  crashes: number;
  /** Sockets and other files of the proxy more than before. */
  files_left: number;
  consoles_left: number;
  nonsense_growth_mib: number;
  /** Whether a good console opened afterwards. */
  works: boolean;
};

export async function talkNonsense(world: World, count: number, seed: number): Promise<Nonsense> {
  const next = seeded(seed);
  const random: Random = () => next() / 2 ** 32;
  const files = () => readdirSync(`/proc/${world.proxyPid}/fd`).length;
  let crashes = 0;
  let before = { files: 0, kib: 0 };
  // A tenth first: buffers and compiled code that stay are not what a leak would be.
  for (let done = 0; done < count && crashes === 0; done += AT_ONCE) {
    await round(world, random, Math.min(AT_ONCE, count - done));
    if (!world.alive()) crashes += 1;
    else if (done < count / 10 && done + AT_ONCE >= count / 10) {
      await settled(world);
      before = { files: files(), kib: rssKib([world.proxyPid]) };
    }
  }
  if (crashes > 0)
    return { cases: count, crashes, files_left: 0, consoles_left: 0, nonsense_growth_mib: 0, works: false };
  const left = await settled(world);
  return {
    ...{ cases: count, crashes },
    files_left: Math.max(0, files() - before.files),
    consoles_left: left,
    nonsense_growth_mib: Number(((rssKib([world.proxyPid]) - before.kib) / 1_024).toFixed(1)),
    works: await works(world),
  };
}

async function round(world: World, random: Random, count: number): Promise<void> {
  const chosen = Array.from(
    { length: count },
    () => cases[Math.floor(random() * cases.length)] as (typeof cases)[number],
  );
  const tickets = await world.tickets(count, random() < 0.5 ? 'vnc' : 'serial');
  await Promise.all(
    chosen.map(async ({ ticket, bytes }, n) => {
      const wire = new Wire(world.port);
      for (const piece of bytes(world.port, ticket ? (tickets[n] as string) : 'x'.repeat(43), random)) {
        wire.socket.write(piece);
        await sleep(1);
      }
      await Promise.race([wire.closed, sleep(PATIENCE_MS)]);
      wire.socket.destroy();
    }),
  );
}

/** @returns consoles that are still open when they should not be */
async function settled(world: World): Promise<number> {
  for (const until = Date.now() + SETTLE_MS * 3; Date.now() < until && (await world.open()) > 0; ) await sleep(50);
  await sleep(SETTLE_MS);
  return world.open();
}

async function works(world: World): Promise<boolean> {
  const [ticket] = await world.tickets(1, 'vnc');
  const wire = new Wire(world.port);
  wire.socket.write(handshake(world.port, ticket as string));
  const { binary } = await wire.until((seen) => seen.binary >= GREETING.length || seen.close !== null);
  wire.socket.destroy();
  return binary >= GREETING.length;
}
