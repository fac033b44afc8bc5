/** Runs one part: its output into a log, its counts out of its report. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Counts, oneIf, sum } from './counts.ts';
import { type Part, ROOT, type Run } from './parts.ts';

export type PartResult = { counts: Counts; log: string; seconds: number };

export async function runPart(part: Part): Promise<PartResult> {
  const startedAt = performance.now();
  const log = join(ROOT, 'test-results', `${part.name}.log`);
  mkdirSync(dirname(log), { recursive: true });
  const file = openSync(log, 'w');
  try {
    const runs = part.runs();
    const counts: Counts[] = [];
    for (const run of runs) counts.push(await execute(run, file, part.limitMs));
    // A part that finds nothing to run has lost its tests.
    return {
      counts: runs.length === 0 ? oneIf(false) : sum(counts),
      log,
      seconds: (performance.now() - startedAt) / 1000,
    };
  } finally {
    closeSync(file);
  }
}

async function execute(run: Run, log: number, limitMs: number): Promise<Counts> {
  if (run.count) rmSync(run.count.file, { force: true });
  const [command = '', ...args] = run.command;
  // A group of its own, so that at the limit everything it started ends with it.
  const child = spawn(command, args, {
    cwd: ROOT,
    stdio: ['ignore', log, log],
    detached: true,
    env: { ...process.env, NO_COLOR: '1' },
  });
  const kill = (signal: NodeJS.Signals) => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, signal);
  };
  const interrupt = () => {
    kill('SIGTERM');
    process.exitCode = 130;
  };
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const timers = [setTimeout(() => kill('SIGTERM'), limitMs), setTimeout(() => kill('SIGKILL'), limitMs + 20_000)];
  const [status] = (await once(child, 'exit')) as [number | null];
  for (const timer of timers) clearTimeout(timer);
  process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  const counts = run.count ? readCounts(run.count) : oneIf(status === 0);
  // Ended badly though no test failed: the run itself is the failure.
  return status !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

function readCounts({ file, read }: NonNullable<Run['count']>): Counts {
  if (!existsSync(file)) return oneIf(false);
  try {
    const counts = read(JSON.parse(readFileSync(file, 'utf8')));
    return counts.passed + counts.failed === 0 ? oneIf(false) : counts;
  } catch {
    return oneIf(false);
  }
}
