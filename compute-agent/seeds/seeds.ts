/** Seed ISOs: `<data>/seeds/<server id>.iso`. They hold hashes only, and are taken away after the first boot. */
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Seed } from '../contract/shapes.ts';
import { listFolder, publishFile, removeDurably, sweepTemporary } from '../durable.ts';
import type { exec } from '../exec.ts';
import { seedDocuments } from './documents.ts';

export class Seeds {
  readonly #folder: string;
  readonly #run: typeof exec;

  constructor(dataDir: string, run: typeof exec) {
    this.#folder = join(dataDir, 'seeds');
    this.#run = run;
  }

  async prepare(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o711 });
    await sweepTemporary(this.#folder);
  }

  pathOf(serverId: string): string {
    return join(this.#folder, `${serverId}.iso`);
  }

  async put(serverId: string, seed: Seed): Promise<void> {
    const work = await mkdtemp(join(this.#folder, '.tmp-'));
    try {
      const documents = Object.entries(seedDocuments(seed));
      for (const [name, text] of documents) await writeFile(join(work, name), text, { mode: 0o600 });
      const iso = join(work, 'seed.iso');
      const files = documents.map(([name]) => join(work, name));
      await this.#run('genisoimage', ['-quiet', '-o', iso, '-V', 'cidata', '-J', '-r', ...files]);
      // genisoimage leaves it readable for all; libvirt gives it to QEMU's user for as long as the guest runs.
      await chmod(iso, 0o600);
      await publishFile(iso, this.pathOf(serverId));
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  }

  remove(serverId: string): Promise<boolean> {
    return removeDurably(this.pathOf(serverId));
  }

  async servers(): Promise<string[]> {
    return (await listFolder(this.#folder)).filter((name) => name.endsWith('.iso')).map((name) => name.slice(0, -4));
  }
}
