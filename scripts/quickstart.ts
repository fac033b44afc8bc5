/**
 * scripts/quickstart, once the machine has what is needed (scripts/setup): install, start, print the address.
 *
 *   quickstart [--detach | --foreground] [--adopt]     quickstart stop     quickstart status
 */

import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { install } from './install/install.ts';
import { requireIpv6 } from './install/ipv6.ts';
import { CLONE, DEFAULT_DATA, type Layout, layoutOf } from './install/layout.ts';
import { lockInstallation } from './install/lock.ts';
import { prepare } from './install/prepare.ts';
import { originOf, readSettings, savedInstallation } from './install/settings.ts';
import { createSteps, explainFailure, StepError } from './install/step.ts';
import { runningSupervisor, stopAll } from './install/supervision.ts';
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
  if (process.getuid?.() !== 0)
    throw new StepError('quickstart must run as root', 'It makes system users, a bridge and virtual machines.');
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
  requireIpv6();
  // Held as long as anything is changed; not while it stays in the foreground.
  const release = await lockInstallation();
  const before = savedInstallation(layout.data);
  if (before && before.clone !== CLONE && existsSync(before.clone) && !options.adopt) {
    throw new StepError(
      `There is an installation in ${layout.data} already, made by ${before.clone}.`,
      `To go on with it from here (its servers and data stay): ./scripts/quickstart --adopt\n` +
        `To have a second one: TSUBO_DATA=/srv/tsubo2 TSUBO_PORT=8180 … ./scripts/quickstart (docs/operating.md lists all ports).`,
    );
  }
  const settings = readSettings(process.env, before?.settings);
  const ranBefore = runningSupervisor(layout);
  if (ranBefore && before && JSON.stringify(readSettings({}, before.settings)) !== JSON.stringify(settings))
    await stopAll(layout);

  process.stdout.write(`Tsubo in ${layout.data}\n`);
  const step = createSteps((text) => process.stdout.write(text));
  const { origin, staff } = await install(layout, settings, await prepare(step), step);
  release();
  process.stdout.write(`\nOpen ${origin}\n`);
  if (staff)
    process.stdout.write(
      `\nFirst staff login (the password is shown this once):\n  ${staff.email}\n  ${staff.password}\n`,
    );
  process.stdout.write(
    `\nLogs are in ${layout.log}. ./scripts/quickstart stop ends it; rented servers keep running.\n`,
  );

  // On a terminal the run that started it stays, so that Ctrl-C ends it; without one (CI, ssh HOST quickstart)
  // nobody could press that.
  const stays = options.foreground ?? (!options.detach && process.stdout.isTTY === true);
  if (!ranBefore && stays) await stayInForeground(layout);
}

async function stayInForeground(layout: Layout): Promise<void> {
  const supervisor = runningSupervisor(layout);
  let ending = false;
  const end = async () => {
    if (ending) return;
    ending = true;
    process.stdout.write('\nStopping …\n');
    await stopAll(layout);
  };
  process.on('SIGINT', () => void end()).on('SIGTERM', () => void end());
  process.stdout.write('Press Ctrl-C to stop.\n');
  while (supervisor && isAlive(supervisor)) await sleep(300);
}

async function stop(layout: Layout): Promise<void> {
  const ran = await stopAll(layout);
  process.stdout.write(ran ? 'Stopped. Rented servers keep running.\n' : `Nothing of ${layout.data} was running.\n`);
}

function status(layout: Layout): void {
  const before = savedInstallation(layout.data);
  if (!before) throw new StepError(`There is no installation in ${layout.data}.`, './scripts/quickstart makes one.');
  const running = runningSupervisor(layout);
  process.stdout.write(
    `${running ? 'running' : 'stopped'}  ${originOf(readSettings({}, before.settings))}  ${layout.data}\n`,
  );
  if (!running) process.exitCode = 3;
}
