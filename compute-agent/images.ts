/**
 * Images by digest: `<data>/images/<sha256>.qcow2`, read-only, copied once from one of the sources and checked
 * on the way. Overlays grow from them for years, so a wrong byte must not get in.
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, lchown, lstat, mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AgentError } from './contract/errors.ts';
import { isMissing, listFolder, publishFile, sweepTemporary, temporaryBeside } from './durable.ts';

const READ_ONLY = 0o444;

export class Images {
  readonly #folder: string;
  readonly #sources: readonly string[];
  /** Two servers of one image at once: one copies, the other waits for it. */
  readonly #fetching = new Map<string, Promise<void>>();

  constructor(dataDir: string, sources: readonly string[]) {
    this.#folder = join(dataDir, 'images');
    this.#sources = sources;
  }

  async prepare(): Promise<void> {
    await sweepTemporary(this.#folder);
    // QEMU's user reads them.
    await chmod(this.#folder, 0o755);
    for (const name of await listFolder(this.#folder)) await this.#takeBack(join(this.#folder, name));
  }

  /** Before domains said otherwise libvirt gave an image to QEMU's user, who could have made it writable. */
  async #takeBack(path: string): Promise<void> {
    const { uid, mode } = await lstat(path);
    if (uid !== process.getuid?.()) await lchown(path, process.getuid?.() ?? 0, process.getgid?.() ?? 0);
    if ((mode & 0o777) !== READ_ONLY) await chmod(path, READ_ONLY);
  }

  pathOf(digest: string): string {
    return join(this.#folder, `${digest}.qcow2`);
  }

  /** Its path. Throws IMAGE_MISSING unless the host has it. */
  async require(digest: string): Promise<string> {
    if ((await bytesOf(this.pathOf(digest))) === null) {
      throw new AgentError('IMAGE_MISSING', `this host does not have image ${digest}`);
    }
    return this.pathOf(digest);
  }

  /** Throws IMAGE_MISSING, which names where it looked and what was wrong with what it found. */
  async ensure(digest: string, bytes: number): Promise<{ fetched: boolean }> {
    const path = this.pathOf(digest);
    const there = await bytesOf(path);
    if (there !== null) {
      if (there === bytes) return { fetched: false };
      throw new AgentError('BAD_REQUEST', `image ${digest} has ${there} bytes, not ${bytes}`);
    }
    let fetching = this.#fetching.get(digest);
    if (!fetching) {
      fetching = this.#fetch(digest, bytes).finally(() => this.#fetching.delete(digest));
      this.#fetching.set(digest, fetching);
    }
    await fetching;
    return { fetched: true };
  }

  async #fetch(digest: string, bytes: number): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    const tried: string[] = [];
    for (const source of this.#sources) {
      const from = join(source, `${digest}.qcow2`);
      const found = await bytesOf(from);
      if (found === null) tried.push(`${from}: not there`);
      else if (found !== bytes) tried.push(`${from}: ${found} bytes, not ${bytes}`);
      else {
        const digestFound = await this.#copy(from, digest);
        if (digestFound === digest) return;
        tried.push(`${from}: its content is ${digestFound}`);
      }
    }
    throw new AgentError(
      'IMAGE_MISSING',
      `image ${digest} was not found (${tried.join('; ') || 'no source is configured'})`,
    );
  }

  /** Copies and returns the digest of what was read; only the wanted one gets its name. */
  async #copy(from: string, digest: string): Promise<string> {
    const path = this.pathOf(digest);
    const temporary = temporaryBeside(path);
    const hash = createHash('sha256');
    const tap = new Transform({
      transform(chunk, _encoding, done) {
        hash.update(chunk);
        done(null, chunk);
      },
    });
    try {
      await pipeline(createReadStream(from), tap, createWriteStream(temporary, { flags: 'wx', mode: 0o644 }));
      const found = hash.digest('hex');
      if (found === digest) {
        await chmod(temporary, READ_ONLY);
        await publishFile(temporary, path);
      }
      return found;
    } finally {
      await rm(temporary, { force: true });
    }
  }
}

async function bytesOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
