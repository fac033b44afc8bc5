/** Says every malformed thing there is, many times, to a proxy that must live on as if nothing had happened. */
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { rssKib } from '../console/proc.ts';
import { seeded } from '../fuzz/mutations.ts';
import { cases, type Random } from './malformed.ts';
import { frame, handshake, Wire } from './wire.ts';
import { GREETING, type World } from './world.ts';

const AT_ONCE = 60;
/** How long one stays who is told nothing: half a request may wait for its other half. */
const PATIENCE_MS = 25;
const OPENING_MS = 10_000;
const SETTLE_MS = 2_000;

export type Nonsense = {
  cases: number;
  crashes: number;
  /** Sockets and other files of the proxy more than before. */
  files_left: number;
  consoles_left: number;
  nonsense_growth_mib: number;
  /** Cases at which the console was open when nonsense came: else it would prove little. */
  consoles_met: number;
  /** Of the close, of HTTP, or none: what they were told. */
  told: Record<string, number>;
  /** Lines of the proxy's log that say that something failed: what a browser says is no failure of the proxy's. */
  failures_logged: number;
  /** Whether a good console of each kind opened afterwards. */
  works: boolean;
};

export async function talkNonsense(world: World, count: number, seed: number): Promise<Nonsense> {
  const next = seeded(seed);
  const random: Random = () => next() / 2 ** 32;
  const files = () => readdirSync(`/proc/${world.proxyPid}/fd`).length;
  const met: Met = { open: 0, codes: {} };
  const failed = world.failures();
  let crashes = 0;
  let before = { files: 0, kib: 0 };
  // A tenth first: buffers and compiled code that stay are not what a leak would be.
  for (let done = 0; done < count && crashes === 0; done += AT_ONCE) {
    await round(world, random, Math.min(AT_ONCE, count - done), met);
    if (!world.alive()) crashes += 1;
    else if (done < count / 10 && done + AT_ONCE >= count / 10) {
      await settled(world);
      before = { files: files(), kib: rssKib([world.proxyPid]) };
    }
  }
  const found = { cases: count, crashes, consoles_met: met.open, told: met.codes };
  if (crashes > 0) {
    const nothing = { files_left: 0, consoles_left: 0, nonsense_growth_mib: 0 };
    return { ...found, ...nothing, failures_logged: world.failures() - failed, works: false };
  }
  const left = await settled(world);
  return {
    ...found,
    failures_logged: world.failures() - failed,
    files_left: Math.max(0, files() - before.files),
    consoles_left: left,
    nonsense_growth_mib: Number(((rssKib([world.proxyPid]) - before.kib) / 1_024).toFixed(1)),
    works: await works(world),
  };
}

/** What became of them: how many were open consoles when the nonsense came, and the codes that they were told. */
type Met = { open: number; codes: Record<string, number> };

async function round(world: World, random: Random, count: number, met: Met): Promise<void> {
  const chosen = Array.from(
    { length: count },
    () => cases[Math.floor(random() * cases.length)] as (typeof cases)[number],
  );
  const tickets = { vnc: await world.tickets(count, 'vnc'), serial: await world.tickets(count, 'serial') };
  await Promise.all(
    chosen.map(async ({ ticket: kind, opens, bytes }, n) => {
      const ticket = kind ? (tickets[kind][n] as string) : 'x'.repeat(43);
      const pieces = bytes(world.port, ticket, random);
      const wire = new Wire(world.port);
      if (opens) {
        wire.socket.write(opens(world.port, ticket));
        const opened = wire.until(({ binary, close }) => binary > 0 || close !== null);
        await Promise.race([opened, sleep(OPENING_MS, undefined, { ref: false })]);
        if (wire.seen.binary > 0) met.open += 1;
      }
      for (const piece of pieces) {
        wire.socket.write(piece);
        await sleep(1);
      }
      await Promise.race([wire.closed, sleep(PATIENCE_MS)]);
      wire.socket.destroy();
      const { close, status } = wire.seen;
      const code = close ?? (status === 101 || status === 0 ? 'none' : status);
      met.codes[code] = (met.codes[code] ?? 0) + 1;
    }),
  );
}

/** @returns consoles that are still open when they should not be */
async function settled(world: World): Promise<number> {
  for (const until = Date.now() + SETTLE_MS * 3; Date.now() < until && (await world.open()) > 0; ) await sleep(50);
  await sleep(SETTLE_MS);
  return world.open();
}

/** A good console of each kind. */
async function works(world: World): Promise<boolean> {
  for (const kind of ['vnc', 'serial'] as const) {
    const [ticket] = await world.tickets(1, kind);
    const wire = new Wire(world.port);
    wire.socket.write(handshake(world.port, ticket as string));
    if (kind === 'serial') wire.socket.write(frame(1, Buffer.from('{"t":"open","from":null}')));
    const { binary } = await wire.until((seen) => seen.binary >= GREETING.length || seen.close !== null);
    wire.socket.destroy();
    if (binary < GREETING.length) return false;
  }
  return true;
}
