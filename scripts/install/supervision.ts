/** Starting, telling and ending the supervisor, which does the rest. */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, type Leader } from '../supervise/groups.ts';
import { readPidFile } from '../supervise/pid-file.ts';
import { Supervisor } from '../supervise/supervisor.ts';
import { type ProcessSpec, readTable, tableDigest } from '../supervise/table.ts';
import { bareEnvironment } from './environment.ts';
import { putFile, readIfThere } from './files.ts';
import { pause } from './interruption.ts';
import type { Layout, Release } from './layout.ts';
import { endDnsmasqWithoutGuests } from './leftovers.ts';
import { StepError } from './step.ts';

/** Ending the old processes takes as long as each may take (processes.ts). */
const APPLY_MS = 120_000;
/** All of them, one after the other. */
const STOP_MS = 300_000;

/** The living supervisor of this folder. */
export function runningSupervisor(layout: Layout): Leader | undefined {
  const leader = readPidFile(join(layout.run, 'supervisor.pid'));
  return leader && isAlive(leader) ? leader : undefined;
}

/** Hands the table to the supervisor (starts one where none lives), and waits until it has done what it says. */
export async function supervise(layout: Layout, release: Release, table: ProcessSpec[]): Promise<void> {
  const text = `${JSON.stringify(table, null, 2)}\n`;
  putFile(layout.processes, text, 0o600);
  const applied = () => readIfThere(join(layout.run, 'applied')) === tableDigest(text);
  const running = runningSupervisor(layout);
  if (!running) {
    // The last one's word.
    rmSync(join(layout.run, 'applied'), { force: true });
    await startSupervisor(layout, release);
  } else if (!applied()) {
    process.kill(running.pid, 'SIGHUP');
  }
  for (let waited = 0; !applied(); waited += 50) {
    if (waited > APPLY_MS) {
      throw new StepError('the supervisor does not do as it is told', `Read ${layout.log}/supervisor.log.`);
    }
    await pause(50);
  }
}

/** Not to be interrupted: nobody could end one that has not written yet who it is. */
async function startSupervisor(layout: Layout, release: Release): Promise<void> {
  const logFile = join(layout.log, 'supervisor.log');
  const log = openSync(logFile, 'a', 0o640);
  // Its own session: it lives on when the terminal goes, and holds none of our pipes.
  const child = spawn(release.node, ['--enable-source-maps', release.daemon('supervise'), layout.data], {
    cwd: '/',
    env: bareEnvironment({ PATH: process.env.PATH }),
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  child.unref();
  for (let attempt = 0; attempt < 100; attempt++) {
    if (runningSupervisor(layout)) return;
    if (child.exitCode !== null) break;
    await sleep(50);
  }
  throw new StepError('the supervisor did not start', `Read ${logFile}.`);
}

/** Whether a supervisor that was killed left anything running. */
export function hasLeftovers(layout: Layout): boolean {
  if (runningSupervisor(layout) || !existsSync(layout.processes)) return false;
  return readTable(layout.processes).processes.some(({ name }) => {
    const leader = readPidFile(join(layout.run, `${name}.pid`));
    return leader !== undefined && isAlive(leader);
  });
}

/**
 * What a supervisor that was killed left running.
 * @throws StepError of what cannot be ended
 */
export async function endLeftovers(layout: Layout): Promise<void> {
  if (!existsSync(layout.processes)) return;
  try {
    await new Supervisor(layout.data, () => {}).reap();
  } catch (cause) {
    throw new StepError(
      `what an earlier supervisor left cannot be ended: ${(cause as Error).message}`,
      `${layout.processes} names the processes, ${layout.run}/<name>.pid their pids. End them by hand, then run this again.`,
      { cause },
    );
  }
}

/** Ends everything that the supervisor started, also when it was killed itself. @returns whether anything ran */
export async function stopAll(layout: Layout): Promise<boolean> {
  const running = runningSupervisor(layout);
  if (running) {
    process.kill(running.pid, 'SIGTERM');
    for (let waited = 0; isAlive(running); waited += 100) {
      if (waited > STOP_MS) {
        throw new StepError(
          `the supervisor (pid ${running.pid}) does not end`,
          `Read ${layout.log}/supervisor.log for what it waits for. kill -9 ${running.pid} and another stop end the rest.`,
        );
      }
      await sleep(100);
    }
  } else {
    await endLeftovers(layout);
  }
  endDnsmasqWithoutGuests(layout);
  return running !== undefined;
}
