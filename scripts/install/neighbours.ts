/**
 * Other installations on this machine. They share its libvirt and its kernel and leave each other alone, as long as
 * each has ports, a bridge with its addresses, and a folder of sockets of its own. One counts while it runs, and as
 * long as it has servers: those may run without it, and are there again after the next boot.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { METADATA_NAMESPACE } from '../../compute-agent/domains/parse.ts';
import { parseCidr } from '../../compute-agent/networks/addresses.ts';
import { putFile, readIfThere } from './files.ts';
import { type Layout, layoutOf } from './layout.ts';
import { portsOf, readSettings, type Settings, savedInstallation } from './settings.ts';
import { StepError } from './step.ts';
import { runningSupervisor } from './supervision.ts';

/** Data folders, one a line; gone after a boot, like what runs. */
const LIST = '/run/tsubo-installations';
const DOMAINS = '/etc/libvirt/qemu';

/** @throws StepError that names what is another installation's, and whose */
export function requireOwnPlace(layout: Layout, settings: Settings, list = LIST, domains = DOMAINS): void {
  const known = (readIfThere(list) ?? '').split('\n').filter((line) => line !== '');
  const withServers = foldersWithServers(domains);
  for (const data of new Set([...known, ...withServers])) {
    if (data === layout.data || !existsSync(data)) continue;
    const running = runningSupervisor(layoutOf(data)) !== undefined;
    if (!running && !withServers.has(data)) continue;
    const theirs = settingsOf(data);
    if (!theirs) continue;
    const shared = [...sharedNetwork(settings, theirs), ...(running ? sharedPorts(settings, theirs) : [])];
    if (shared.length === 0) continue;
    throw new StepError(
      `The installation in ${data} ${running ? 'runs' : 'has servers'} on this machine, and has these as well: ${shared.join(', ')}.`,
      `Choose others for the one in ${layout.data} (docs/operating.md, "A second installation", has a line to copy)` +
        (running && !withServers.has(data) ? `, or stop that one: TSUBO_DATA=${data} ./scripts/quickstart stop` : '.'),
    );
  }
  if (!known.includes(layout.data)) putFile(list, `${[...known, layout.data].join('\n')}\n`);
}

function settingsOf(data: string): Settings | undefined {
  try {
    const saved = savedInstallation(data);
    return saved && readSettings({}, saved.settings);
  } catch {
    // Of another version, or half removed: what it has is then found out by trying.
    return undefined;
  }
}

function sharedNetwork(ours: Settings, theirs: Settings): string[] {
  const same = (['TSUBO_BRIDGE', 'TSUBO_BRIDGE_MAC', 'TSUBO_AGENT_RUN'] as const).filter(
    (name) => ours[name].toLowerCase() === theirs[name].toLowerCase(),
  );
  const overlapping = (['TSUBO_BRIDGE_V4', 'TSUBO_BRIDGE_V6'] as const).filter((name) =>
    overlap(ours[name], theirs[name]),
  );
  return [...same, ...overlapping].map((name) => `${name}=${ours[name]}`);
}

function overlap(one: string, two: string): boolean {
  const prefix = Math.min(parseCidr(one).prefix, parseCidr(two).prefix);
  const network = (text: string) => parseCidr(`${parseCidr(text).address}/${prefix}`).network;
  return network(one) === network(two);
}

function sharedPorts(ours: Settings, theirs: Settings): string[] {
  const taken = new Set(Object.values(portsOf(theirs)));
  return Object.entries(portsOf(ours)).flatMap(([name, port]) => (taken.has(port) ? [`${name}=${port}`] : []));
}

/** The data folders of Tsubo's domains. */
function foldersWithServers(folder: string): Set<string> {
  const found = new Set<string>();
  for (const name of namesIn(folder).filter((each) => each.endsWith('.xml'))) {
    const xml = readIfThere(join(folder, name)) ?? '';
    const data = xml.includes(METADATA_NAMESPACE) ? /file='([^']+)\/agent\/volumes\//.exec(xml)?.[1] : undefined;
    if (data !== undefined) found.add(data);
  }
  return found;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
