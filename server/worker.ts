/**
 * The worker: makes operations, listens to hosts, puts right what fell, signs joining hosts. Any number of them
 * run, each under a slot name of its own; PostgreSQL is all that they share, and nothing is in this process
 * that its death would lose.
 *
 * What it does besides operations is a set of loops. A loop that fails says so and goes on: PostgreSQL and
 * hosts come and go. What no loop caught is a defect: the process ends, and the supervisor starts it again.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAgents } from './agent-client/agents.ts';
import { systemClock } from './clock.ts';
import { parseWorkerConfig } from './config.ts';
import { createDb } from './db.ts';
import { noteHostKeys } from './hosts/host-keys.ts';
import { signWaiting } from './hosts/join.ts';
import { holderOf } from './hosts/leases.ts';
import { removeReadSeeds, restartFallen } from './hosts/reconcile.ts';
import { renewDue } from './hosts/renew.ts';
import { watchHost } from './hosts/watch.ts';
import { clearAway } from './housekeeping.ts';
import { systemRandom } from './ids.ts';
import { createLogger } from './log.ts';
import { isRunningHere } from './operations/dbos-internals.ts';
import { defaultSettings, type OperationDeps } from './operations/definition.ts';
import { createPulse } from './operations/pulse.ts';
import { beat, endSlot, markLost, putBackUnmade, takeOver } from './operations/slots.ts';
import { startWorkflows, stopWorkflows } from './operations/workflows.ts';
import { identityIn } from './pki/identity-files.ts';

/** The build puts its release in here; run from the sources there is none. */
const RELEASE = process.env.TSUBO_RELEASE ?? null;

const BEAT_MS = 1_000;
/** What is lost has been so for 5 s and more before anybody may say so. */
const LOST_MS = 5_000;
const SIGN_MS = 1_000;
const RENEW_MS = 60_000;
const RECONCILE_MS = 1_000;
const SEEDS_MS = 30_000;
const HOST_KEYS_MS = 5_000;
const TIDY_MS = 10 * 60_000;
/** Steps that run when the process is asked to end; the supervisor allows 15 s. */
const GRACE_MS = 8_000;

async function main(): Promise<void> {
  const config = parseWorkerConfig(process.env);
  const log = createLogger(config.slot, config.logLevel);
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      log.fatal({ err: error }, `worker: ${event}`);
      process.exit(1);
    });
  }
  const pem = (name: string) => readFileSync(join(config.pkiDir, name), 'utf8');
  const authority = { certPem: pem('ca.crt'), keyPem: pem('ca.key') };
  const db = createDb(config.databaseUrl, {
    max: 20,
    onError: (err) => log.warn({ err }, 'worker: a database connection ended'),
  });
  const { agents, noteHosts, close: closeAgents } = createAgents(db, identityIn(config.pkiDir, 'control-plane', log));
  const deps: OperationDeps = {
    db,
    log,
    clock: systemClock,
    random: systemRandom,
    agents,
    settings: { ...defaultSettings, stopTimeoutMs: config.stopTimeoutMs, stepBudgetMs: config.stepBudgetMs },
  };

  const stopping = new AbortController();
  const { signal } = stopping;
  const loops: Promise<void>[] = [];
  /** Never two rounds of one loop at a time; a round that fails is logged. */
  const every = (name: string, ms: number, round: () => Promise<unknown>) => {
    const loop = async () => {
      while (!signal.aborted) {
        await round().catch((err: unknown) => log.warn({ err, loop: name }, 'worker: a round failed'));
        await sleep(ms, undefined, { signal }).catch(() => {});
      }
    };
    loops.push(loop());
  };

  // The heart beats before anything is taken, so that nobody takes it over.
  await untilItWorks(log, () => beat(deps, config.slot, process.pid, config.takeoverMs));
  await startWorkflows(deps, config);

  let living = [config.slot];
  const pulse = createPulse(systemClock.now().getTime(), config.takeoverMs);
  every('slots', BEAT_MS, async () => {
    living = await beat(deps, config.slot, process.pid, config.takeoverMs);
    if (pulse.beaten(systemClock.now().getTime())) await takeOver(deps, config.takeoverMs);
  });
  every('lost', LOST_MS, async () => {
    await putBackUnmade(deps, config.slot, isRunningHere);
    await markLost(deps);
  });

  const mine = (duty: string) => holderOf(duty, living) === config.slot;
  const watched = new Map<string, { host: { joinedAt: Date | null }; stop: AbortController }>();
  every('hosts', BEAT_MS, async () => {
    const hosts = await db.host.findMany({
      where: { joinedAt: { not: null }, revokedAt: null },
      select: { id: true, joinedAt: true, certFingerprint: true, nextCertFingerprint: true },
    });
    noteHosts(hosts);
    const wanted = new Map(hosts.filter((host) => mine(`watch:${host.id}`)).map((host) => [host.id, host]));
    for (const [id, { host, stop }] of watched) {
      const now = wanted.get(id);
      // A host that joined again may be another machine.
      if (now && now.joinedAt?.getTime() === host.joinedAt?.getTime()) continue;
      stop.abort();
      watched.delete(id);
    }
    for (const [id, host] of wanted) {
      if (watched.has(id)) continue;
      const stop = new AbortController();
      watched.set(id, { host, stop });
      loops.push(watchHost(deps, host, AbortSignal.any([signal, stop.signal])));
    }
  });

  every('join', SIGN_MS, async () => mine('join') && signWaiting(deps, authority));
  every('certificates', RENEW_MS, () => renewDue(deps, authority, (id) => mine(`watch:${id}`)));
  every('reconcile', RECONCILE_MS, async () => mine('reconcile') && restartFallen(deps));
  every('host-keys', HOST_KEYS_MS, async () => mine('host-keys') && noteHostKeys(deps));
  every('seeds', SEEDS_MS, async () => mine('seeds') && removeReadSeeds(deps));
  every('tidy', TIDY_MS, async () => {
    if (!mine('tidy')) return;
    const cleared = await clearAway(deps, config.kept);
    if (Object.values(cleared).some((rows) => rows > 0)) log.info({ cleared }, 'worker: cleared away');
  });

  const health = createServer((_, response) => {
    const beatAgeMs = pulse.ageMs(systemClock.now().getTime());
    const ok = !signal.aborted && beatAgeMs < config.takeoverMs;
    response.writeHead(ok ? 200 : 503, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({ ok, release: RELEASE, process: config.slot, beatAgeMs, watches: [...watched.keys()] }),
    );
  });
  health.listen(config.healthPort, '127.0.0.1');
  log.info({ healthPort: config.healthPort }, 'worker: ready');

  const end = async (why: string) => {
    if (signal.aborted) return;
    log.info({ why }, 'worker: ending');
    stopping.abort();
    await stopWorkflows(GRACE_MS).catch((err: unknown) => log.warn({ err }, 'worker: DBOS did not end well'));
    await endSlot(deps, config.slot).catch(() => {});
    await Promise.race([Promise.allSettled(loops), sleep(2_000)]);
    health.close();
    closeAgents();
    await db.$disconnect();
    process.exit(0);
  };
  process.on('SIGTERM', () => void end('SIGTERM'));
  process.on('SIGINT', () => void end('SIGINT'));
}

/** At a start after a power cut PostgreSQL may need a while. */
async function untilItWorks(log: ReturnType<typeof createLogger>, work: () => Promise<unknown>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await work();
      return;
    } catch (err) {
      if (tries >= 60) throw err;
      log.warn({ err }, 'worker: the database does not answer yet');
      await sleep(1_000);
    }
  }
}

await main();
