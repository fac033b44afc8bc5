/** Starting, telling and ending the supervisor, which does the rest. */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, type Leader } from '../supervise/groups.ts';
import { readPidFile } from '../supervise/pid-file.ts';
import { Supervisor } from '../supervise/supervisor.ts';
import type { ProcessSpec } from '../supervise/table.ts';
import { bareEnvironment } from './environment.ts';
import { putFile } from './files.ts';
import type { Layout } from './layout.ts';
import { endDnsmasqWithoutGuests } from './leftovers.ts';
import { StepError } from './step.ts';

/** The living supervisor of this folder. */
export function runningSupervisor(layout: Layout): Leader | undefined {
  const leader = readPidFile(join(layout.run, 'supervisor.pid'));
  return leader && isAlive(leader) ? leader : undefined;
}

/** Hands the table to the supervisor, and starts one where none lives. @returns whether anything changed */
export async function supervise(layout: Layout, table: ProcessSpec[]): Promise<boolean> {
  const changed = putFile(layout.processes, `${JSON.stringify(table, null, 2)}\n`, 0o600);
  const running = runningSupervisor(layout);
  if (running) {
    if (changed) process.kill(running.pid, 'SIGHUP');
    return changed;
  }
  const logFile = join(layout.log, 'supervisor.log');
  const log = openSync(logFile, 'a', 0o640);
  // Its own session: it lives on when the terminal goes, and holds none of our pipes.
  const child = spawn(layout.node, ['--enable-source-maps', layout.daemon('supervise'), layout.data], {
    cwd: '/',
    env: bareEnvironment({ PATH: process.env.PATH }),
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  child.unref();
  for (let attempt = 0; attempt < 100; attempt++) {
    if (runningSupervisor(layout)) return true;
    if (child.exitCode !== null) break;
    await sleep(50);
  }
  throw new StepError('the supervisor did not start', `Read ${logFile}.`);
}

/** Ends everything that the supervisor started, also when it was killed itself. @returns whether anything ran */
export async function stopAll(layout: Layout): Promise<boolean> {
  const running = runningSupervisor(layout);
  if (running) {
    process.kill(running.pid, 'SIGTERM');
    while (isAlive(running)) await sleep(100);
  } else if (existsSync(layout.processes)) {
    await new Supervisor(layout.data, () => {}).reap();
  }
  endDnsmasqWithoutGuests(layout);
  return running !== undefined;
}
