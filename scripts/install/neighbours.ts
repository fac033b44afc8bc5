/**
 * One machine is one host, and so belongs to one installation: libvirt's domains, the host's firewall tables and the
 * bridge's rules are looked after by one agent. Another installation may have the machine when the one before it is
 * stopped and no server of it is left.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { METADATA_NAMESPACE } from '../../compute-agent/domains/parse.ts';
import { putFile, readIfThere } from './files.ts';
import { type Layout, layoutOf } from './layout.ts';
import { StepError } from './step.ts';
import { runningSupervisor } from './supervision.ts';

/** Gone after a boot, like what runs. */
const MARK = '/run/tsubo-installation';
const DOMAINS = '/etc/libvirt/qemu';

/** @throws StepError that names the installation which has the machine */
export function claimMachine(layout: Layout, mark = MARK, domains = DOMAINS): void {
  const other = readIfThere(mark)?.trim();
  if (other && other !== layout.data && runningSupervisor(layoutOf(other)))
    throw new StepError(
      `The installation in ${other} runs on this machine, and one machine is a host of one installation only.`,
      `To have the one in ${layout.data} instead: TSUBO_DATA=${other} ./scripts/quickstart stop, then run this again.`,
    );
  const servers = foreignServers(layout, domains);
  if (servers.length > 0)
    throw new StepError(
      `This machine has servers of another installation (${servers.join(', ')}), and one machine is a host of one installation only.`,
      `Delete these servers in that installation's panel first, or go on with that installation: ` +
        `TSUBO_DATA=${servers[0]} ./scripts/quickstart`,
    );
  putFile(mark, `${layout.data}\n`);
}

/** The data folders of Tsubo's domains that are not ours. */
function foreignServers(layout: Layout, folder: string): string[] {
  const found = new Set<string>();
  for (const name of namesIn(folder).filter((each) => each.endsWith('.xml'))) {
    const xml = readIfThere(join(folder, name)) ?? '';
    const data = xml.includes(METADATA_NAMESPACE) ? /file='([^']+)\/agent\/volumes\//.exec(xml)?.[1] : undefined;
    if (data !== undefined && data !== layout.data) found.add(data);
  }
  return [...found];
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
