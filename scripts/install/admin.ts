/** Calls of a release's own admin program, as root, with the owner's database URL. */
import { bareEnvironment } from './environment.ts';
import type { Layout, Release } from './layout.ts';
import { runProgram } from './program.ts';
import { StepError } from './step.ts';

const LIMIT_MS = 120_000;

/** @returns what it printed. @throws StepError with what it said */
export function admin(
  layout: Layout,
  release: Release,
  args: string[],
  environment: Record<string, string> = {},
): Promise<string> {
  return runDaemon(layout, release, 'admin', 'admin', args, environment);
}

/** A one-off call of a daemon's bundle with its role's environment. */
export async function runDaemon(
  layout: Layout,
  release: Release,
  name: string,
  role: string,
  args: string[],
  environment: Record<string, string> = {},
): Promise<string> {
  const { status, stdout, stderr } = await runProgram({
    command: release.node,
    args: [`--env-file=${layout.env(role)}`, '--enable-source-maps', release.daemon(name), ...args],
    cwd: layout.data,
    limitMs: LIMIT_MS,
    env: bareEnvironment({ PATH: process.env.PATH, ...environment }),
  });
  if (status === 0) return stdout.trim();
  const said = `${stdout}${stderr}`.trim() || `ended with status ${status ?? `none within ${LIMIT_MS / 1000} s`}`;
  throw new StepError(
    `${name} ${args[0]}: ${said}`,
    `When the reason is gone, run this again: it goes on where it stopped.`,
  );
}
