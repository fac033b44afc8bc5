/** What the agent's calls are made of; put together in compose.ts, taken apart by tests. */
import type { Certificates } from './certificates.ts';
import type { Accelerator } from './contract/shapes.ts';
import type { HostNetwork, Hypervisor } from './driver.ts';
import type { Generations } from './generations.ts';
import type { Images } from './images.ts';
import type { Journal } from './journal.ts';
import type { Logger } from './log.ts';
import type { KeyedMutex, Semaphore } from './mutex.ts';
import type { ServerPaths } from './paths.ts';
import type { Remnants } from './remnants.ts';
import type { Runs } from './runs.ts';
import type { Seeds } from './seeds/seeds.ts';
import type { Tombstones } from './tombstones.ts';
import type { Volumes } from './volumes/volumes.ts';
import type { Watch } from './watch.ts';

export interface Parts {
  certificates: Pick<Certificates, 'request' | 'install'>;
  hypervisor: Hypervisor;
  network: HostNetwork;
  volumes: Volumes;
  seeds: Seeds;
  images: Images;
  tombstones: Tombstones;
  generations: Generations;
  runs: Runs;
  journal: Journal;
  watch: Watch;
  paths: ServerPaths;
  remnants: Pick<Remnants, 'all' | 'remove'>;
  mutex: KeyedMutex;
  /** Around what keeps the host's processors or disks busy. */
  heavy: Semaphore;
  /** Resolves when the probe has ended. */
  accelerator: () => Promise<Accelerator>;
  hostId: string;
  bridge: string;
  bootId: string;
  log: Logger;
}

/** How long a call waits for its turn, on its server or on the host, before it is told BUSY. */
export const TURN_MS = 20_000;
