/**
 * A whole Tsubo inside scripts/stack/isolate. Its network is its own, so it has the default ports and bridge;
 * only TSUBO_DATA is another. A veth pair to one more namespace, `outside`, is its uplink (192.0.2.2 here,
 * 192.0.2.1 there), so that NAT can be tested.
 */
import { execFileSync } from 'node:child_process';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { putFile, putFolder } from '../install/files.ts';
import { install, type Prepared } from '../install/install.ts';
import type { Layout } from '../install/layout.ts';
import { libvirtAnswers, writeLibvirtConfig } from '../install/libvirt.ts';
import { libvirtProcesses } from '../install/processes.ts';
import { readSettings } from '../install/settings.ts';
import type { Step } from '../install/step.ts';
import { stopAll } from '../install/supervision.ts';
import { Supervisor } from '../supervise/supervisor.ts';

const UPLINK = 'uplink0';
/** A journey waits for a guest that ignores the power button; a quiet guest answers in 5 s, here also a busy one. */
const STOP_TIMEOUT_MS = '60000';

type Up = {
  /** In which the command finds it: TSUBO_STACK. */
  environment: Record<string, string>;
  down: () => Promise<unknown>;
};

export async function bringUp(layout: Layout, prepared: Prepared, step: Step): Promise<Up> {
  await step('uplink', async () => makeUplink());
  const settings = readSettings({
    TSUBO_UPLINK: UPLINK,
    TSUBO_LOG_LEVEL: 'debug',
    // No way to a mirror from in here.
    TSUBO_BUILD_IMAGES: 'none',
    TSUBO_STOP_TIMEOUT_MS: STOP_TIMEOUT_MS,
  });
  const { origin, staff, ownerUrl } = await install(layout, settings, prepared, step);
  const names = ['postgres', 'nginx', 'app', 'console-proxy', 'worker-1', 'worker-2', 'agent', 'virtlogd', 'libvirtd'];
  const stack = {
    origin,
    data: layout.data,
    ownerUrl,
    staff,
    bridge: settings.TSUBO_BRIDGE,
    hostName: hostname(),
    pidFiles: Object.fromEntries(names.map((name) => [name, join(layout.run, `${name}.pid`)])),
    simulatedAgent: false,
  };
  const file = join(layout.data, 'stack.json');
  putFile(file, `${JSON.stringify(stack, null, 2)}\n`, 0o600);
  return { environment: { TSUBO_STACK: file }, down: () => stopAll(layout) };
}

/** virtlogd and libvirtd alone, supervised by this process. */
export async function bringUpLibvirt(layout: Layout): Promise<Up> {
  for (const folder of [layout.etc, layout.run, layout.log]) putFolder(folder);
  makeUplink();
  writeLibvirtConfig(layout);
  putFile(layout.processes, JSON.stringify(libvirtProcesses(layout)), 0o600);
  const supervisor = new Supervisor(layout.data, () => {});
  await supervisor.reconcile();
  await libvirtAnswers(layout);
  return { environment: {}, down: () => supervisor.stop() };
}

function makeUplink(): void {
  const ip = (...args: string[]) => execFileSync('/usr/sbin/ip', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  ip('netns', 'add', 'outside');
  ip('link', 'add', UPLINK, 'type', 'veth', 'peer', 'name', 'inside', 'netns', 'outside');
  ip('addr', 'add', '192.0.2.2/24', 'dev', UPLINK);
  ip('link', 'set', UPLINK, 'up');
  ip('-n', 'outside', 'addr', 'add', '192.0.2.1/24', 'dev', 'inside');
  ip('-n', 'outside', 'link', 'set', 'inside', 'up');
  ip('-n', 'outside', 'link', 'set', 'lo', 'up');
  ip('route', 'add', 'default', 'via', '192.0.2.1');
}
