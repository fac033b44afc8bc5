/**
 * The killer: a process of its own that watches the operations' steps in the database and kills one of Tsubo's
 * processes, by a printed seed: at a step's boundary, inside a step after a seeded delay, or at a random moment.
 * One JSON line per kill on stdout; ends after the wanted number.
 *
 *   node killer.ts SEED KILLS      (TSUBO_STACK names the stack)
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { readStack } from '../../../e2e/stack.ts';
import { deal, randomFrom, type Where } from './plan.ts';

const [seedText = '1', killsText = '5'] = process.argv.slice(2);
const random = randomFrom(Number(seedText));
const wanted = Number(killsText);
const stack = readStack();

/** Past the worker's takeover deadline (worker.ts), so that another one has resumed what the thawed one still holds. */
const FREEZE_MS = Number(process.env.TSUBO_TAKEOVER_MS ?? 10_000) + 3_000;

type Blow = { target: string; how: 'kill' | 'freeze' };
const blows: Blow[] = [
  { target: 'worker', how: 'kill' },
  { target: 'agent', how: 'kill' },
  { target: 'worker', how: 'freeze' },
  { target: 'libvirtd', how: 'kill' },
  { target: 'postgres', how: 'kill' },
  { target: 'app', how: 'kill' },
  { target: 'agent', how: 'freeze' },
  { target: 'nginx', how: 'kill' },
  { target: 'worker', how: 'kill' },
  { target: 'agent', how: 'kill' },
];

interface Step {
  operation: string;
  kind: string;
  name: string;
  /** What this step took before, ms; 0 where it is not known yet. */
  usualMs: number;
}

let connection = null as Client | null;

/** The steps that run now; none while the database is away (it is one of the targets). */
async function runningSteps(): Promise<Step[]> {
  try {
    if (connection === null) {
      const fresh = new Client({ connectionString: stack.ownerUrl, connectionTimeoutMillis: 2000 });
      fresh.on('error', () => {});
      await fresh.connect();
      connection = fresh;
    }
    const { rows } = await connection.query<Step>(
      `SELECT o.id AS operation, o.kind, s.name, COALESCE((
         SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM e."endedAt" - e."startedAt") * 1000)
           FROM "OperationStep" e WHERE e.name = s.name AND e.state = 'done'), 0)::float8 AS "usualMs"
       FROM "OperationStep" s JOIN "Operation" o ON o.id = s."operationId" AND o.attempt = s.attempt
       WHERE s.state = 'running' AND o.state = 'running' ORDER BY s."startedAt" DESC`,
    );
    return rows;
  } catch {
    await connection?.end().catch(() => {});
    connection = null;
    return [];
  }
}

const key = (step: Step): string => `${step.operation} ${step.name}`;
const runs = async (step: Step): Promise<boolean> => (await runningSteps()).some((one) => key(one) === key(step));

/** Waits for a step that is new since the last look (a boundary has just been passed). */
async function freshStep(wish: (step: Step) => boolean, deadlineMs: number): Promise<Step | null> {
  const before = new Set((await runningSteps()).map(key));
  for (const until = Date.now() + deadlineMs; Date.now() < until; await sleep(10)) {
    const now = await runningSteps();
    const fresh = now.find((step) => !before.has(key(step)) && wish(step));
    if (fresh !== undefined) return fresh;
    for (const old of before) if (!now.some((step) => key(step) === old)) before.delete(old);
  }
  return null;
}

/** A step that has never ended yet in this run is taken to last as long as the shorter ones that count. */
const UNKNOWN_MS = 100;

/** Into the middle of a step that lasts long enough to have one; tried until it was hit. */
async function insideStep(deadlineMs: number): Promise<{ step: Step; delayMs: number } | null> {
  for (const until = Date.now() + deadlineMs; Date.now() < until; ) {
    const step = await freshStep((one) => one.usualMs === 0 || one.usualMs >= 60, until - Date.now());
    if (step === null) return null;
    // A wait for a guest lasts seconds; the first of them are as good as any.
    const delayMs = random() * 0.7 * Math.min(step.usualMs || UNKNOWN_MS, 3000);
    await sleep(delayMs);
    if (await runs(step)) return { step, delayMs };
  }
  return null;
}

function pidOf(name: string): number | null {
  const file = stack.pidFiles[name];
  if (file === undefined) throw new Error(`the stack names no pid file for ${name}`);
  try {
    return Number.parseInt(readFileSync(file, 'utf8'), 10);
  } catch {
    return null;
  }
}

async function strike(blow: Blow): Promise<boolean> {
  const name = blow.target === 'worker' ? (random() < 0.5 ? 'worker-1' : 'worker-2') : blow.target;
  const pid = pidOf(name);
  if (pid === null || !Number.isFinite(pid)) return false;
  try {
    if (blow.how === 'kill') process.kill(pid, 'SIGKILL');
    else {
      process.kill(pid, 'SIGSTOP');
      await sleep(FREEZE_MS);
      process.kill(pid, 'SIGCONT');
    }
    return true;
  } catch {
    return false; // It had just died of the blow before.
  }
}

/** Waits for the moment that was dealt; null where it did not come (the services may still be coming back). */
async function momentFor(where: Where): Promise<{ step: Step | null; delayMs: number } | null> {
  if (where === 'inside') return insideStep(120_000);
  if (where === 'boundary') {
    const step = await freshStep(() => true, 60_000);
    return step && { step, delayMs: 0 };
  }
  const delayMs = 200 + random() * 3000;
  await sleep(delayMs);
  return { step: null, delayMs };
}

/** The customers' operations end within minutes; a killer that finds nothing for so long has nothing to kill into. */
const PATIENCE = 8;

let done = 0;
let misses = 0;
const plan = deal(wanted, random);
for (let turn = 0; done < wanted && misses < PATIENCE; turn++) {
  const blow = blows[turn % blows.length]!;
  const where = plan[done]!;
  const moment = await momentFor(where);
  if (moment === null || !(await strike(blow))) {
    misses++;
    await sleep(500);
    continue;
  }
  misses = 0;
  done++;
  const { step, delayMs } = moment;
  process.stdout.write(
    `${JSON.stringify({ kill: done, ...blow, where, step: step && `${step.kind}.${step.name}`, delayMs: Math.round(delayMs) })}\n`,
  );
  // Time to come back; the next blow may fall into the recovery.
  await sleep(1500 + random() * 4000);
}
await connection?.end().catch(() => {});
if (done < wanted) {
  process.stderr.write(`killer: ${wanted - done} blows had no step to fall into\n`);
  process.exitCode = 1;
}
