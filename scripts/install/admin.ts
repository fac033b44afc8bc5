/** Calls of the release's own admin program, as root, with the owner's database URL. */
import { spawnSync } from 'node:child_process';
import { bareEnvironment } from './environment.ts';
import type { Layout } from './layout.ts';
import { StepError } from './step.ts';

/** @returns what it printed. @throws StepError with what it said */
export function admin(layout: Layout, args: string[], environment: Record<string, string> = {}): string {
  return runDaemon(layout, 'admin', 'admin', args, environment);
}

/** A one-off call of a daemon's bundle with its role's environment. */
export function runDaemon(
  layout: Layout,
  name: string,
  role: string,
  args: string[],
  environment: Record<string, string> = {},
): string {
  const done = spawnSync(
    layout.node,
    [`--env-file=${layout.env(role)}`, '--enable-source-maps', layout.daemon(name), ...args],
    {
      cwd: layout.data,
      encoding: 'utf8',
      timeout: 120_000,
      env: bareEnvironment({ PATH: process.env.PATH, ...environment }),
    },
  );
  if (done.status === 0) return done.stdout.trim();
  const said = `${done.stdout}${done.stderr}`.trim() || done.error?.message || `status ${done.status ?? done.signal}`;
  throw new StepError(
    `${name} ${args[0]}: ${said}`,
    `When the reason is gone, run this again: it goes on where it stopped.`,
  );
}
