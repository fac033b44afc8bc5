/** Waiting until a process says that it is well. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Layout } from './layout.ts';
import { StepError } from './step.ts';

const LIMIT_MS = 90_000;

/** @throws StepError with the end of the process's log */
export async function untilHealthy(layout: Layout, name: string, url: string): Promise<void> {
  let last = 'no answer';
  for (const end = performance.now() + LIMIT_MS; performance.now() < end; await sleep(150)) {
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(5_000), redirect: 'manual' });
      if (answer.ok) return;
      last = `${answer.status} ${(await answer.text()).slice(0, 300)}`;
    } catch (error) {
      last = causeOf(error);
    }
  }
  const log = join(layout.log, `${name}.log`);
  throw new StepError(
    `${name} is not healthy after ${LIMIT_MS / 1000} s (${url}: ${last})\n\nThe end of ${log}:\n${tail(log, 20)}`,
    `Read ${log}. When the reason is gone, run this again.`,
  );
}

function causeOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  return cause instanceof Error ? cause.message : String(cause);
}

function tail(path: string, lines: number): string {
  return existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n').slice(-lines).join('\n') : '(empty)';
}
