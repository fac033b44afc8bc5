/**
 * What is really on this machine, read from libvirt, the files, `ip`, nft and dnsmasq's folder themselves: never from
 * the database and never through the agent, whose word is what the checker doubts.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Kind, Machine } from '../../server/leftovers/machine.ts';
import { counts } from '../../server/leftovers/things.ts';
import { agentFiles, leaseAddresses, readTombstones, runFiles } from './files.ts';
import { countLeaseDaemons, readAddressRules, readNeighbours, readProcesses, readRules, readTaps } from './kernel.ts';
import { libvirtFiles, readBindings, readDomains, readFilters, readPools } from './libvirt.ts';

const host = z.object({ hostId: z.string() });

/**
 * @param agentData the agent's folder
 * @param bridge the guests'
 */
export async function readMachine(agentData: string, bridge: string, runDir = '/run/tsubo'): Promise<Machine> {
  const hosts = join(agentData, 'dnsmasq/hosts');
  const [domains, filters] = [await readDomains(), await readFilters()];
  const things = [
    ...agentFiles(agentData),
    ...runFiles(runDir),
    ...libvirtFiles(domains),
    ...readProcesses(),
    ...filters.things,
    ...(await readBindings()),
    ...(await readPools(join(agentData, 'volumes/.staging'))),
    ...(await readTaps(bridge)),
    ...(await readRules()),
    ...(await readAddressRules(bridge)),
  ];
  return {
    hostId: host.parse(JSON.parse(readFileSync(join(agentData, 'host.json'), 'utf8'))).hostId,
    looked: new Set(Object.keys(counts) as Kind[]),
    domains,
    things,
    addresses: [
      ...filters.addresses.map((one) => ({ in: 'filter' as const, ...one })),
      ...leaseAddresses(hosts).map((one) => ({ in: 'lease' as const, ...one })),
    ],
    neighbours: await readNeighbours(bridge),
    tombstones: readTombstones(join(agentData, 'tombstones')),
    leaseDaemons: countLeaseDaemons(join(agentData, 'dnsmasq'), bridge),
  };
}
