/**
 * What a crash, a host's boot or a libvirtd that was away leaves to be looked after: the network's own part, removals
 * that were cut short, every server's rules, what a killed libvirtd forgot, staged disks of nobody. It goes in rounds, one after the other. Network
 * and rules are due after each connection to libvirt and stay due until they succeeded; the rest may come about at
 * any time, and so is looked for in every round. One part that fails does not keep the others. Guests run on while
 * libvirt is away, so the network is looked after all the same.
 */

import { clearRemnants } from './clear-remnants.ts';
import type { Parts } from './parts.ts';
import { finishRemovals } from './removal.ts';
import type { Staging } from './volumes/staging.ts';

const TURN_MS = 60_000;

export class Recovery {
  readonly #parts: Parts;
  readonly #staging: Pick<Staging, 'sweep'>;
  #running: Promise<void> | undefined;
  /** Asked for while one runs: it begins anew after that, once for all who asked. */
  #next: Promise<void> | undefined;
  #connections = 0;
  #closed = false;
  /** The connection for which the network's own part was made; its servers whose rules are still due. */
  #preparedFor = -1;
  #unguarded: 'all' | ReadonlySet<string> = 'all';
  networkReady = false;
  /** What the last look at the network complained about. */
  warnings: string[] = [];

  constructor(parts: Parts, staging: Pick<Staging, 'sweep'>) {
    this.#parts = parts;
    this.#staging = staging;
  }

  /** libvirt is there, perhaps another one, perhaps after the host has booted. */
  connected(): void {
    this.#connections += 1;
    void this.round();
  }

  /** Resolves when it has ended; never throws. */
  round(): Promise<void> {
    if (this.#running === undefined) return this.#start();
    this.#next ??= this.#running.then(() => this.#start());
    return this.#next;
  }

  /** A round, unless one runs. */
  lookAround(): void {
    if (this.#running === undefined) void this.round();
  }

  #start(): Promise<void> {
    this.#next = undefined;
    this.#running = this.#round().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Resolves when the rounds that were asked for have ended. */
  async idle(): Promise<void> {
    await (this.#next ?? this.#running);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.idle();
  }

  async #round(): Promise<void> {
    if (this.#closed) return;
    const { network, hypervisor } = this.#parts;
    const connection = this.#connections;
    if (this.#preparedFor !== connection) {
      this.#unguarded = 'all';
      // The rules of servers stand on it.
      if (!(await this.#try('the network', () => network.prepare()))) return;
      this.#preparedFor = connection;
      this.networkReady = true;
    }
    if (hypervisor.connected) {
      // Before the guests' rules: a server that is to go needs none.
      await this.#try('removals', () => finishRemovals(this.#parts));
      await this.#try("the guests' rules", async () => {
        this.#unguarded = await guard(this.#parts, this.#unguarded);
      });
    }
    await this.#try('the look at the network', async () => {
      this.warnings = await network.check();
    });
    if (!hypervisor.connected) return;
    await this.#try('what libvirt forgot', async () => {
      const cleared = await clearRemnants(this.#parts);
      if (cleared.length > 0) this.#parts.log.info({ cleared }, 'what a killed libvirtd forgot was taken away');
    });
    await this.#try('staged disks', async () => {
      const swept = await this.#staging.sweep();
      if (swept.length > 0) this.#parts.log.info({ swept }, 'staged disks of nobody were taken away');
    });
  }

  async #try(what: string, work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      this.#parts.log.warn(
        { err: error, what },
        'not everything could be looked after; trying again at the next round',
      );
      return false;
    }
  }
}

/**
 * After the host booted or rules were lost while nobody looked: servers' rules, and those of live interfaces. Returns
 * the servers for which that failed.
 */
async function guard(parts: Parts, due: 'all' | ReadonlySet<string>): Promise<ReadonlySet<string>> {
  const failed = new Set<string>();
  const ids = due === 'all' ? (await parts.hypervisor.list()).map(({ serverId }) => serverId) : due;
  for (const serverId of ids) {
    try {
      await parts.mutex.run(serverId, TURN_MS, async () => {
        const body = await parts.hypervisor.look(serverId);
        if (body === null) return;
        await parts.network.put({ serverId, vifs: body.spec.vifs });
        if (body.seen.state !== 'running') return;
        await parts.runs.started(serverId);
        await parts.network.attached(serverId, body.spec.vifs);
      });
    } catch (error) {
      failed.add(serverId);
      parts.log.warn({ err: error, serverId }, "a server's network rules could not be renewed");
    }
  }
  return failed;
}
