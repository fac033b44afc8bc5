/**
 * The network's changes one at a time. Its check makes again what the records of all servers say; a removal that
 * ran beside it could have its neighbour entry made again between taking it away and taking away the record.
 */
import type { HostNetwork } from './driver.ts';
import { Semaphore } from './mutex.ts';

const TURN_MS = 60_000;

export function inTurn(network: HostNetwork): HostNetwork {
  const turn = new Semaphore(1);
  return {
    prepare: () => turn.run(TURN_MS, () => network.prepare()),
    put: (target) => turn.run(TURN_MS, () => network.put(target)),
    remove: (serverId) => turn.run(TURN_MS, () => network.remove(serverId)),
    clear: (serverId) => turn.run(TURN_MS, () => network.clear(serverId)),
    check: () => turn.run(TURN_MS, () => network.check()),
    // Touches only the live interfaces of its own domain, and may wait long for libvirt's filters.
    attached: (serverId, vifs) => network.attached(serverId, vifs),
    filterName: (serverId) => network.filterName(serverId),
    close: () => network.close(),
  };
}
