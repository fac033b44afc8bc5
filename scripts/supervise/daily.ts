/**
 * Once a day, and soon after the start: the release's own program renews the installation's certificates. It is a
 * program of the release that runs now, so that a supervisor of before does what today's release needs; and a
 * process of its own, so that its failure is a line in the log and no more.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import type { Say } from './process.ts';

const FIRST_MS = 60_000;
const EVERY_MS = 24 * 3_600_000;
const LONGEST_MS = 60_000;

/** A timer that keeps nobody alive. */
export function renewDaily(data: string, say: Say, firstMs = FIRST_MS, everyMs = EVERY_MS): void {
  const env: Record<string, string | undefined> = { PATH: process.env.PATH };
  const round = (): void => {
    const [node, program] = ['node/bin/node', 'daemons/renew.mjs'].map((name) => join(data, 'current', name));
    execFile(
      node as string,
      [program as string, data],
      // Not ours: Next's types ask NODE_ENV of every environment.
      { cwd: '/', env: env as NodeJS.ProcessEnv, timeout: LONGEST_MS, killSignal: 'SIGKILL' },
      (error, stdout, stderr) => {
        if (error) say('certificates could not be renewed', { error: `${error.message} ${stderr}`.trim() });
        else say('certificates looked after', { said: stdout.trim() });
      },
    );
    setTimeout(round, everyMs).unref();
  };
  setTimeout(round, firstMs).unref();
}
