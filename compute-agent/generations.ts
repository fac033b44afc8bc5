/**
 * Which wishes a server's calls may still carry. The highest generation seen is the greater of what the domain's
 * metadata holds and what is written here: disk, seed and network come before the domain exists, so a worker that
 * sleeps between two of them and wakes up late must be known by something. Beside it stands, for each thing that
 * was put at that generation, a hash of its content: the same generation with other content is a conflict; and the
 * highest step of that generation (contract/shapes.ts), below which nothing is admitted any more.
 *
 * Written (fsynced) before the thing itself is made, so that after a crash half-way the same call still fits
 * and another does not.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { AgentError } from './contract/errors.ts';
import { generation, serverId, type Target } from './contract/shapes.ts';
import { listFolder, readIfThere, removeDurably, sweepTemporary, writeDurably } from './durable.ts';
import type { Tombstones } from './tombstones.ts';

const content = z.object({ generation, step: z.int().min(0).default(0), accepted: z.record(z.string(), z.string()) });
type Seen = z.infer<typeof content>;

/** What is being put, for the conflict: `seed`, `network`, `domain`, `volume <id>`. */
export interface Put {
  what: string;
  content: unknown;
}

export class Generations {
  readonly #folder: string;
  readonly #tombstones: Tombstones;

  constructor(dataDir: string, tombstones: Tombstones) {
    this.#folder = join(dataDir, 'state');
    this.#tombstones = tombstones;
  }

  async prepare(): Promise<void> {
    await sweepTemporary(this.#folder);
  }

  /**
   * Call inside the server's mutex. `living` is the generation in the domain's metadata, 0 where there is none.
   * Throws GONE, STALE_GENERATION or SPEC_CONFLICT; else the generation (and content) is noted.
   */
  async admit(target: Target, living: number, put?: Put): Promise<void> {
    await this.refuseBuried(target);
    const seen = await this.#read(target.serverId);
    const same = this.#refuseOlder(target, living, seen);
    const accepted = same?.accepted ?? {};
    const step = Math.max(target.step ?? 0, same?.step ?? 0);
    if (put) {
      const hash = hashOf(put.content);
      const before = accepted[put.what];
      if (before !== undefined && before !== hash) {
        throw new AgentError(
          'SPEC_CONFLICT',
          `${put.what} was put at generation ${target.generation} with other content`,
        );
      }
      if (before === hash && step === same?.step) return;
      await this.#write(target, step, { ...accepted, [put.what]: hash });
    } else if (step !== same?.step && (seen !== null || living > 0)) {
      // Where there is nothing at all, there is nothing to guard either.
      await this.#write(target, step, accepted);
    }
  }

  /** Takes back the note of a content that was then refused. The generation stays. */
  async retract(target: Target, put: Put): Promise<void> {
    const seen = await this.#read(target.serverId);
    if (seen?.generation !== target.generation) return;
    const { [put.what]: _, ...accepted } = seen.accepted;
    await this.#write(target, seen.step, accepted);
  }

  /** Throws GONE at or below a tombstone. */
  async refuseBuried(target: Target): Promise<void> {
    const buried = await this.#tombstones.generationOf(target.serverId);
    if (target.generation > buried) return;
    throw new AgentError(
      'GONE',
      `${target.serverId} was removed at generation ${buried}, the call is of ${target.generation}`,
    );
  }

  /** For removal: only a later wish stands in its way, a tombstone does not. Throws STALE_GENERATION. */
  async admitRemoval(target: Target, living: number): Promise<void> {
    this.#refuseOlder(target, living, await this.#read(target.serverId));
  }

  /** What is noted here; 0 where nothing is. */
  async notedFor(id: string): Promise<number> {
    return (await this.#read(id))?.generation ?? 0;
  }

  async forget(id: string): Promise<void> {
    await removeDurably(join(this.#folder, id));
  }

  async all(): Promise<string[]> {
    return (await listFolder(this.#folder)).filter((name) => serverId.safeParse(name).success);
  }

  /** Returns the note where it is of the call's own generation. */
  #refuseOlder(target: Target, living: number, seen: Seen | null): Seen | null {
    const { serverId: id, generation: asked, step } = target;
    const highest = Math.max(living, seen?.generation ?? 0);
    if (asked < highest) {
      throw new AgentError('STALE_GENERATION', `${id} is at generation ${highest}, the call is of ${asked}`);
    }
    if (seen?.generation !== asked) return null;
    if (step !== undefined && step < seen.step) {
      throw new AgentError(
        'STALE_GENERATION',
        `${id} is at step ${seen.step} of generation ${asked}, the call is of step ${step}`,
      );
    }
    return seen;
  }

  async #read(id: string): Promise<Seen | null> {
    const text = await readIfThere(join(this.#folder, id));
    return text === null ? null : content.parse(JSON.parse(text));
  }

  async #write(target: Target, step: number, accepted: Record<string, string>): Promise<void> {
    const seen: Seen = { generation: target.generation, step, accepted };
    await writeDurably(join(this.#folder, target.serverId), `${JSON.stringify(seen)}\n`);
  }
}

/** Independent of the order of keys: two workers may build the same wish differently. */
function hashOf(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex');
}

export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}
