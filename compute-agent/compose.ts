/** Puts the agent together from its configuration: one function, so that tests run what main.ts runs. */
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAgent } from './agent.ts';
import type { Clock } from './clock.ts';
import { Consoles } from './consoles/consoles.ts';
import type { AgentApi } from './contract/contract.ts';
import type { Accelerator } from './contract/shapes.ts';
import { describeHost } from './describe.ts';
import type { HostNetwork } from './driver.ts';
import { sweepTemporary } from './durable.ts';
import { exec } from './exec.ts';
import { Generations } from './generations.ts';
import { Images } from './images.ts';
import { Journal } from './journal.ts';
import type { LibvirtClient } from './libvirt/api.ts';
import { LibvirtHypervisor } from './libvirt-driver.ts';
import type { Logger } from './log.ts';
import { KeyedMutex, Semaphore } from './mutex.ts';
import { inTurn } from './network-turn.ts';
import type { Parts } from './parts.ts';
import { qemuUser, ServerPaths } from './paths.ts';
import { probeAccelerator } from './probe.ts';
import { Recovery } from './recovery.ts';
import { Remnants } from './remnants.ts';
import { Runs } from './runs.ts';
import { Seeds } from './seeds/seeds.ts';
import type { OpenStream } from './streams.ts';
import { Tombstones } from './tombstones.ts';
import { Staging } from './volumes/staging.ts';
import { Volumes } from './volumes/volumes.ts';
import { Watch } from './watch.ts';

const CHECK_EVERY_MS = 15_000;
/** A probe that is known already is read in no time; the first one takes 10 s and more, and is told when it is done. */
const PROBED_MS = 500;
/** One below what libvirt is sent at a time of what takes long: a disk or a filter is not to wait for starts. */
const HEAVY_MAX = 3;
const PURGE_EVERY_MS = 24 * 3_600_000;

export interface ComposeOptions {
  hostId: string;
  dataDir: string;
  runDir: string;
  imageSources: readonly string[];
  probeDir: string;
  libvirtSocket: string;
  bridge: string;
  libvirt: LibvirtClient;
  network: HostNetwork;
  certificates: Parts['certificates'];
  clock: Clock;
  log: Logger;
}

export interface ComposedAgent {
  api: AgentApi;
  openStream: OpenStream;
  readonly health: { libvirt: boolean; network: boolean };
  /** Resolves when what a crash or a host's boot left behind has been looked after; again after each connection. */
  recovered(): Promise<void>;
  /** Ends long polls and the agent's own rounds; calls in flight go on. */
  quiet(): void;
  close(): Promise<void>;
}

export async function composeAgent(options: ComposeOptions): Promise<ComposedAgent> {
  const { dataDir, libvirt, clock, log } = options;
  const network = inTurn(options.network);
  const bootId = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
  const tombstones = new Tombstones(dataDir, clock);
  const generations = new Generations(dataDir, tombstones);
  const images = new Images(dataDir, options.imageSources);
  const staging = new Staging(join(dataDir, 'volumes'), libvirt);
  const volumes = new Volumes(join(dataDir, 'volumes'), staging, images);
  const seeds = new Seeds(dataDir, exec);
  const runs = new Runs(dataDir, bootId);
  const paths = new ServerPaths(dataDir, options.runDir);
  // Half-written keys, certificates and probes of an agent that was killed.
  await sweepTemporary(dataDir);
  for (const part of [tombstones, generations, images, volumes, seeds, runs, paths]) await part.prepare();

  const journal = new Journal();
  const hypervisor = new LibvirtHypervisor(libvirt, { hostId: options.hostId, bridge: options.bridge });
  const watch = new Watch({ hypervisor, journal, runs, log });
  let probed: ReturnType<typeof probeAccelerator> | undefined;
  const accelerator = () => {
    probed ??= probeAccelerator({ probeDir: options.probeDir, dataDir, run: exec, clock, log }).catch((error) => {
      probed = undefined;
      throw error;
    });
    return probed;
  };
  const parts: Parts = {
    certificates: options.certificates,
    hypervisor,
    network,
    volumes,
    seeds,
    images,
    tombstones,
    generations,
    runs,
    journal,
    watch,
    paths,
    remnants: new Remnants(exec),
    mutex: new KeyedMutex(),
    heavy: new Semaphore(Math.min(HEAVY_MAX, Math.max(2, availableParallelism()))),
    accelerator,
    hostId: options.hostId,
    bridge: options.bridge,
    bootId,
    log,
  };

  const consoles = new Consoles({ hypervisor, paths, socketOwner: (await qemuUser()).uid, clock, log });
  const recovery = new Recovery(parts, staging);
  hypervisor.onConnected(() => {
    staging.reconnected();
    watch.reset();
    recovery.connected();
  });
  // Also where libvirt is not there yet: guests may run, and the kernel may have lost their rules.
  recovery.lookAround();
  const checks = setInterval(() => recovery.lookAround(), CHECK_EVERY_MS);
  const purges = setInterval(() => {
    tombstones.purge().catch((error: unknown) => log.warn({ err: error }, 'tombstones could not be purged'));
  }, PURGE_EVERY_MS);
  checks.unref();
  purges.unref();
  void accelerator().catch((error: unknown) => log.error({ err: error }, 'the probe of the accelerator failed'));

  const describe = async () =>
    describeHost({
      hostId: options.hostId,
      bootId,
      dataDir,
      virtlogdSocket: join(dirname(options.libvirtSocket), 'virtlogd-sock'),
      hypervisor,
      accelerator: await probedWithin(accelerator(), PROBED_MS),
      warnings: [...recovery.warnings, ...hypervisor.unreadable.map((id) => `metadata-unreadable ${id}`)],
    });

  return {
    api: createAgent(parts, describe),
    openStream: consoles.open,
    get health() {
      return { libvirt: libvirt.connected, network: recovery.networkReady };
    },
    recovered: () => recovery.idle(),
    quiet: () => {
      journal.close();
      clearInterval(checks);
      clearInterval(purges);
    },
    close: async () => {
      await recovery.close();
      await network.close();
      await libvirt.close();
    },
  };
}

/** Without attempts: not known yet. The panel asks again soon (server/hosts/watch.ts). */
async function probedWithin(probe: Promise<Accelerator>, waitMs: number): Promise<Accelerator> {
  const unknown: Accelerator = { type: 'qemu', cpu: null, attempts: [] };
  const waited = new AbortController();
  try {
    return await Promise.race([probe, sleep(waitMs, unknown, { signal: waited.signal })]);
  } finally {
    waited.abort();
  }
}
