/**
 * What the agent remembers of each domain's last run. libvirtd forgets at its own restart why a domain is off; and
 * what ran when the host went down was ended by that, not by its guest. What had been switched off before, by its
 * guest or by us, still is: nobody may start it after the boot behind its owner's back. Only a hint that refines a
 * reason: it is not fsynced, and may be lost.
 */
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type ObservedReason, observedReason } from './contract/shapes.ts';
import type { Seen } from './domains/observed.ts';
import { sweepTemporary, temporaryBeside } from './durable.ts';

const content = z.object({ bootId: z.string(), ended: observedReason.nullable() });
type Run = z.infer<typeof content>;

/** Ends of a run that somebody wanted. */
const meant: ReadonlySet<ObservedReason> = new Set(['guest-shutdown', 'destroyed']);

export class Runs {
  readonly #folder: string;
  readonly #bootId: string;
  readonly #known = new Map<string, Run | null>();

  constructor(dataDir: string, bootId: string) {
    this.#folder = join(dataDir, 'runs');
    this.#bootId = bootId;
  }

  async prepare(): Promise<void> {
    await sweepTemporary(this.#folder);
  }

  async started(id: string): Promise<void> {
    await this.#write(id, { bootId: this.#bootId, ended: null });
  }

  async ended(id: string, reason: ObservedReason): Promise<void> {
    await this.#write(id, { bootId: this.#bootId, ended: reason });
  }

  /** The reason that libvirt gave, or the better one that we know. */
  async refine(id: string, seen: Seen): Promise<ObservedReason> {
    if (seen.reason !== 'unknown' && seen.reason !== 'guest-shutdown') return seen.reason;
    const run = await this.#read(id);
    const ofThisBoot = run?.bootId === this.#bootId;
    // libvirt calls it a shutdown as well when somebody ended QEMU by a signal; the event told the difference.
    if (seen.reason === 'guest-shutdown') return ofThisBoot && run.ended === 'crashed' ? 'crashed' : 'guest-shutdown';
    if (run === null) return 'none';
    if (ofThisBoot) return run.ended ?? 'none';
    return run.ended !== null && meant.has(run.ended) ? run.ended : 'host-boot';
  }

  async forget(id: string): Promise<void> {
    this.#known.delete(id);
    await rm(join(this.#folder, id), { force: true });
  }

  async #read(id: string): Promise<Run | null> {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const text = await readFile(join(this.#folder, id), 'utf8').catch(() => null);
    const run = text === null ? null : (parse(text) ?? null);
    this.#known.set(id, run);
    return run;
  }

  async #write(id: string, run: Run): Promise<void> {
    const known = this.#known.get(id);
    if (known && known.bootId === run.bootId && known.ended === run.ended) return;
    this.#known.set(id, run);
    const path = join(this.#folder, id);
    const temporary = temporaryBeside(path);
    await writeFile(temporary, JSON.stringify(run), { mode: 0o600 });
    await rename(temporary, path);
  }
}

/** A power cut may leave an empty file. */
function parse(text: string): Run | undefined {
  try {
    return content.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
