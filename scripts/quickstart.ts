/**
 * scripts/quickstart, once the machine has what is needed (scripts/setup): install, start, print the address.
 *
 *   quickstart [--detach | --foreground] [--adopt]     quickstart stop     quickstart status
 */

import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ensureDatabase } from './install/database.ts';
import { type Installed, install } from './install/install.ts';
import { interrupt, interruption } from './install/interruption.ts';
import { CLONE, DEFAULT_DATA, type Layout, layoutOf } from './install/layout.ts';
import { lockInstallation } from './install/lock.ts';
import { requireOwnPlace } from './install/neighbours.ts';
import { requireFreePorts } from './install/ports.ts';
import { prepare } from './install/prepare.ts';
import { readSettings, type Settings, savedInstallation, unknownSettings } from './install/settings.ts';
import { describeInstallation } from './install/status.ts';
import { createSteps, explainFailure, StepError } from './install/step.ts';
import { hasLeftovers, runningSupervisor, stopAll } from './install/supervision.ts';
import { isAlive } from './supervise/groups.ts';

try {
  await main();
} catch (error) {
  process.stderr.write(explainFailure(error));
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { detach: { type: 'boolean' }, foreground: { type: 'boolean' }, adopt: { type: 'boolean' } },
  });
  const [command = 'start', ...rest] = positionals;
  if (rest.length > 0 || !['start', 'stop', 'status'].includes(command)) {
    throw new StepError(
      `quickstart does not know "${positionals.join(' ')}"`,
      'quickstart [--detach|--foreground] [--adopt], quickstart stop, quickstart status',
    );
  }
  // A closed terminal takes no more words; that must not end us before what we started.
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
  const data = process.env.TSUBO_DATA ?? DEFAULT_DATA;
  if (!data.startsWith('/'))
    throw new StepError(`TSUBO_DATA=${data} is not an absolute path`, 'Choose one that begins with /.');
  const layout = layoutOf(data);
  if (command === 'stop') return stop(layout);
  if (command === 'status') return status(layout);
  await start(layout, values);
}

async function start(
  layout: Layout,
  options: { detach?: boolean; foreground?: boolean; adopt?: boolean },
): Promise<void> {
  // Held as long as anything is changed; not while it stays in the foreground.
  const release = await lockInstallation();
  const before = savedInstallation(layout.data);
  if (before && before.clone !== CLONE && existsSync(before.clone) && !options.adopt) {
    throw new StepError(
      `There is an installation in ${layout.data} already, made by ${before.clone}.`,
      `To go on with it from here (its servers and data stay): ./scripts/quickstart --adopt\n` +
        `To have a second one: TSUBO_DATA=/srv/tsubo2 ./scripts/quickstart, with ports and a bridge of its own ` +
        `(docs/operating.md, "A second installation", has a line to copy).`,
    );
  }
  const settings = readSettings(process.env, before?.settings);
  for (const name of unknownSettings(process.env))
    process.stderr.write(`${name} is no setting of quickstart (docs/operating.md), and changes nothing.\n`);
  const ranBefore = runningSupervisor(layout);
  // Every other change reaches the processes that it concerns; the database that all of them use does not move under them.
  const was = before && readSettings({}, before.settings);
  if (ranBefore && was && (was.TSUBO_PG_PORT !== settings.TSUBO_PG_PORT || was.DATABASE_URL !== settings.DATABASE_URL))
    await stopAll(layout);

  requireOwnPlace(layout, settings);
  // Asked now, before minutes of building; what a killed supervisor left still has its ports, and goes later.
  if (!runningSupervisor(layout) && !hasLeftovers(layout)) await requireFreePorts(settings);
  if (settings.DATABASE_URL) await ensureDatabase(settings.DATABASE_URL, false);
  process.stdout.write(`Tsubo in ${layout.data}\n`);
  const installed = await orInterrupted(layout, async () => {
    const step = createSteps((text) => process.stdout.write(text));
    return install(layout, settings, await prepare(step), step);
  });
  release();
  sayInstalled(layout, settings, installed);

  // On a terminal the run that started it stays, so that Ctrl-C ends it; without one (CI, ssh HOST quickstart)
  // nobody could press that.
  const stays = options.foreground ?? (!options.detach && process.stdout.isTTY === true);
  if (!ranBefore && stays) await stayInForeground(layout);
}

/** What this run started ends with it; what ran before goes on. */
async function orInterrupted<T>(layout: Layout, work: () => Promise<T>): Promise<T> {
  const before = runningSupervisor(layout);
  let signal: NodeJS.Signals = 'SIGINT';
  const stopListening = onEnding((name) => {
    signal = name;
    interrupt(name);
  });
  try {
    return await work();
  } catch (error) {
    if (!interruption.aborted) {
      if (!before && runningSupervisor(layout))
        process.stderr.write('\nWhat was started by now keeps running: ./scripts/quickstart stop ends it.\n');
      throw error;
    }
    const mine = before ? undefined : runningSupervisor(layout);
    process.stdout.write(
      `\nInterrupted. ${mine ? 'Stopping what this run started …' : before ? 'What ran before goes on.' : 'Nothing was started.'}\n`,
    );
    if (mine) await stopAll(layout);
    process.exit(128 + constants.signals[signal]);
  } finally {
    stopListening();
  }
}

/** Ctrl-C, a closed terminal, kill. @returns what ends the listening */
function onEnding(heard: (signal: NodeJS.Signals) => void): () => void {
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of names) process.on(name, heard);
  return () => {
    for (const name of names) process.off(name, heard);
  };
}

function sayInstalled(layout: Layout, settings: Settings, { origin, staff }: Installed): void {
  process.stdout.write(`\nOpen ${origin}\n`);
  if (origin.startsWith('https:') && !settings.TSUBO_TLS_CERT)
    process.stdout.write(
      `Its certificate is of Tsubo's own CA: browsers that are to trust it need ${layout.pki}/ca.crt.\n`,
    );
  if (staff)
    process.stdout.write(
      `\nFirst staff login (the password is shown this once):\n  ${staff.email}\n  ${staff.password}\n`,
    );
  process.stdout.write(
    `\nLogs are in ${layout.log}. ./scripts/quickstart stop ends it; rented servers keep running.\n`,
  );
}

async function stayInForeground(layout: Layout): Promise<void> {
  const supervisor = runningSupervisor(layout);
  let ending = false;
  onEnding(() => {
    if (ending) return;
    ending = true;
    process.stdout.write('\nStopping …\n');
    void stopAll(layout);
  });
  process.stdout.write('Press Ctrl-C to stop.\n');
  while (supervisor && isAlive(supervisor)) await sleep(300);
}

async function stop(layout: Layout): Promise<void> {
  const ran = await stopAll(layout);
  process.stdout.write(ran ? 'Stopped. Rented servers keep running.\n' : `Nothing of ${layout.data} was running.\n`);
}

async function status(layout: Layout): Promise<void> {
  const before = savedInstallation(layout.data);
  if (!before) throw new StepError(`There is no installation in ${layout.data}.`, './scripts/quickstart makes one.');
  const { lines, running, well } = await describeInstallation(layout, readSettings({}, before.settings));
  process.stdout.write(`${lines.join('\n')}\n`);
  if (!running) process.exitCode = 3;
  else if (!well) process.exitCode = 4;
}
