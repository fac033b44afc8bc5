/**
 * What was removed, and at which generation: written before anything is taken away, so that no call that wakes
 * up late can bring any of it back. The files are the truth; they are kept for 90 days, far longer than any
 * worker sleeps.
 */
import { join } from 'node:path';
import { z } from 'zod';
import type { Clock } from './clock.ts';
import { generation, serverId } from './contract/shapes.ts';
import { listFolder, readIfThere, removeDurably, sweepTemporary, writeDurably } from './durable.ts';

const KEEP_MS = 90 * 24 * 3_600_000;
const content = z.object({ generation, at: z.number() });

export class Tombstones {
  readonly #folder: string;
  readonly #clock: Clock;

  constructor(dataDir: string, clock: Clock) {
    this.#folder = join(dataDir, 'tombstones');
    this.#clock = clock;
  }

  async prepare(): Promise<void> {
    await sweepTemporary(this.#folder);
  }

  /** Generation of the removal; 0 where there was none. */
  async generationOf(id: string): Promise<number> {
    const text = await readIfThere(join(this.#folder, id));
    return text === null ? 0 : content.parse(JSON.parse(text)).generation;
  }

  /** Fsynced when it returns. Never goes back to an older generation. */
  async put(id: string, generation: number): Promise<void> {
    if ((await this.generationOf(id)) >= generation) return;
    await writeDurably(join(this.#folder, id), `${JSON.stringify({ generation, at: this.#clock.now() })}\n`);
  }

  async all(): Promise<string[]> {
    return (await listFolder(this.#folder)).filter((name) => serverId.safeParse(name).success);
  }

  /** Forgets those that are older than 90 days. */
  async purge(): Promise<number> {
    let purged = 0;
    for (const id of await this.all()) {
      const text = await readIfThere(join(this.#folder, id));
      if (text === null || content.parse(JSON.parse(text)).at > this.#clock.now() - KEEP_MS) continue;
      if (await removeDurably(join(this.#folder, id))) purged += 1;
    }
    return purged;
  }
}
