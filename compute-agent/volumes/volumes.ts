/**
 * Disks: `<data>/volumes/<server id>/<volume id>.qcow2`, each an overlay over an image. A disk is there when its
 * file has its name; how it gets there is in staging.ts. What is there is checked against the wish: a disk of
 * another size or origin is never taken for the wanted one.
 */

import { mkdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AgentError } from '../contract/errors.ts';
import type { Volume } from '../contract/shapes.ts';
import { isMissing, listFolder, publishFile } from '../durable.ts';
import type { Images } from '../images.ts';
import { type Qcow2Head, readQcow2Head } from './qcow2.ts';
import type { Staging } from './staging.ts';

const GIB = 1024 ** 3;

export class Volumes {
  readonly #folder: string;
  readonly #staging: Staging;
  readonly #images: Images;

  constructor(folder: string, staging: Staging, images: Images) {
    this.#folder = folder;
    this.#staging = staging;
    this.#images = images;
  }

  async prepare(): Promise<void> {
    // QEMU's user must be able to walk through.
    await mkdir(this.#folder, { recursive: true, mode: 0o711 });
    await this.#staging.prepare();
  }

  pathOf(serverId: string, volumeId: string): string {
    return join(this.#folder, serverId, `${volumeId}.qcow2`);
  }

  /** Whether it had to be made. Throws IMAGE_MISSING, SPEC_CONFLICT, NO_SPACE. */
  async put(serverId: string, volume: Volume): Promise<{ created: boolean }> {
    const path = this.pathOf(serverId, volume.id);
    const bytes = volume.sizeGiB * GIB;
    const backing = await this.#images.require(volume.backingDigest);
    const there = await headIfThere(path);
    if (there !== undefined) {
      if (there?.virtualBytes === bytes && there.backingFile === backing) return { created: false };
      throw new AgentError(
        'SPEC_CONFLICT',
        `${volume.id} is there, but ${wordsOf(there)} instead of ${bytes} bytes over ${backing}`,
      );
    }
    const image = await readQcow2Head(backing);
    if (image === null || image.backingFile !== null) {
      throw new AgentError('SPEC_CONFLICT', `image ${volume.backingDigest} is not a qcow2 file that stands alone`);
    }
    if (image.virtualBytes > bytes) {
      throw new AgentError('BAD_REQUEST', `${volume.sizeGiB} GiB is less than the image's ${image.virtualBytes} bytes`);
    }
    await mkdir(join(this.#folder, serverId), { recursive: true, mode: 0o711 });
    await this.#staging.makeOverlay({ id: volume.id, bytes, backing }, (staged) => publishFile(staged, path));
    return { created: true };
  }

  /** Takes away all disks of a server; says which there were. */
  async removeAll(serverId: string): Promise<string[]> {
    const folder = join(this.#folder, serverId);
    const names = await listFolder(folder);
    for (const name of names) await rm(join(folder, name), { force: true, recursive: true });
    await rmdir(folder).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
    return names.map((name) => name.replace(/\.qcow2$/, ''));
  }

  /** Servers that have a folder here. */
  async servers(): Promise<string[]> {
    return (await listFolder(this.#folder)).filter((name) => !name.startsWith('.'));
  }
}

/** undefined: no file. null: a file that is no qcow2. */
async function headIfThere(path: string): Promise<Qcow2Head | null | undefined> {
  try {
    return await readQcow2Head(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

const wordsOf = (head: Qcow2Head | null): string =>
  head === null ? 'no qcow2 file' : `${head.virtualBytes} bytes over ${head.backingFile ?? 'nothing'}`;
