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
import { randomFrom } from './random.ts';

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
}

/** The steps that run now; none while the database is away (it is one of the targets). */
async function runningSteps(): Promise<Step[]> {
  const db = new Client({ connectionString: stack.ownerUrl, connectionTimeoutMillis: 2000 });
  db.on('error', () => {});
  try {
    await db.connect();
    const { rows } = await db.query<Step>(
      `SELECT o.id AS operation, o.kind, s.name FROM "OperationStep" s JOIN "Operation" o ON o.id = s."operationId"
         AND o.attempt = s.attempt WHERE s.state = 'running' AND o.state = 'running' ORDER BY s."startedAt" DESC`,
    );
    return rows;
  } catch {
    return [];
  } finally {
    await db.end().catch(() => {});
  }
}

/** Waits for a step that is new since the last look (a boundary has just been passed). */
async function freshStep(deadlineMs: number): Promise<Step | null> {
  const key = (step: Step) => `${step.operation} ${step.name}`;
  const before = new Set((await runningSteps()).map(key));
  for (const until = Date.now() + deadlineMs; Date.now() < until; await sleep(15)) {
    const now = await runningSteps();
    const fresh = now.find((step) => !before.has(key(step)));
    if (fresh !== undefined) return fresh;
    for (const old of before) if (!now.some((step) => key(step) === old)) before.delete(old);
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

let done = 0;
for (let turn = 0; done < wanted; turn++) {
  const blow = blows[turn % blows.length]!;
  const mode = random();
  // Six of ten inside a step, two at its beginning, two at any moment.
  const step = mode < 0.8 ? await freshStep(60_000) : null;
  const delay = step === null ? 200 + random() * 3000 : mode < 0.6 ? random() * 400 : 0;
  await sleep(delay);
  const inside =
    step !== null && (await runningSteps()).some((one) => one.operation === step.operation && one.name === step.name);
  if (!(await strike(blow))) continue;
  done++;
  process.stdout.write(
    `${JSON.stringify({ kill: done, ...blow, where: step === null ? 'random' : inside ? 'inside' : 'boundary', step: step && `${step.kind}.${step.name}`, delayMs: Math.round(delay) })}\n`,
  );
  // Time to come back; the next blow may fall into the recovery.
  await sleep(1500 + random() * 4000);
}
