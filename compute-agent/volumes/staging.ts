/**
 * libvirt's storage pool `tsubo-…`: a folder in which volumes are made, and from which they are renamed to their
 * place when they are whole. So a crash in the middle leaves something in here, never half a disk under a name
 * that counts, and names never clash, since each attempt has its own. What lies here without an attempt that is under
 * way belongs to nobody: libvirtd may have died over it, or have finished after its answer was given up.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { LibvirtClient, PoolRef } from '../libvirt/api.ts';
import { LibvirtError, LibvirtErrorCode } from '../libvirt/errors.ts';

/** A volume that was renamed away still stands in libvirt's list until the pool is read again. */
const REFRESH_AFTER = 50;

export class Staging {
  readonly folder: string;
  /** Of its folder: a pool that another folder left behind in libvirt is not taken for this one. */
  readonly #name: string;
  readonly #libvirt: LibvirtClient;
  #pool: Promise<PoolRef> | undefined;
  #made = 0;
  readonly #inFlight = new Set<string>();

  constructor(volumesDir: string, libvirt: LibvirtClient) {
    this.folder = join(volumesDir, '.staging');
    this.#name = `tsubo-${createHash('sha256').update(this.folder).digest('hex').slice(0, 8)}`;
    this.#libvirt = libvirt;
  }

  async prepare(): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    await this.sweep();
  }

  /** Takes away what belongs to nobody; returns its names. */
  async sweep(): Promise<string[]> {
    const swept: string[] = [];
    for (const name of await readdir(this.folder)) {
      // Asked now: an attempt may have begun since the folder was read.
      if (this.#inFlight.has(name)) continue;
      await rm(join(this.folder, name), { force: true, recursive: true });
      swept.push(name);
    }
    return swept;
  }

  /** libvirtd may be another one now: the pool has to be looked up again. */
  reconnected(): void {
    this.#pool = undefined;
  }

  /** Makes an overlay under a name of its own, and hands it to `publish`, which moves it to its place. */
  async makeOverlay(
    overlay: { id: string; bytes: number; backing: string },
    publish: (path: string) => Promise<void>,
  ): Promise<void> {
    const name = `${overlay.id}.${randomBytes(6).toString('hex')}.qcow2`;
    const path = join(this.folder, name);
    this.#inFlight.add(name);
    try {
      await this.#create(name, overlay.bytes, overlay.backing);
      await publish(path);
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    } finally {
      this.#inFlight.delete(name);
    }
  }

  async #create(name: string, bytes: number, backing: string): Promise<void> {
    const pool = await this.#ensurePool();
    const xml =
      `<volume type="file"><name>${name}</name><capacity unit="bytes">${bytes}</capacity>` +
      `<target><format type="qcow2"/><compat>1.1</compat><permissions><mode>0600</mode><owner>0</owner><group>0</group></permissions></target>` +
      `<backingStore><path>${backing}</path><format type="qcow2"/></backingStore></volume>`;
    await this.#libvirt.storageVolCreateXml(pool, xml, 0, { deadlineMs: 60_000 });
    this.#made += 1;
    if (this.#made >= REFRESH_AFTER) {
      this.#made = 0;
      // Refused while another volume is being made; then the next one asks again.
      await this.#libvirt.storagePoolRefresh(pool).catch(() => {});
    }
  }

  #ensurePool(): Promise<PoolRef> {
    this.#pool ??= this.#openPool().catch((error) => {
      this.#pool = undefined;
      throw error;
    });
    return this.#pool;
  }

  async #openPool(): Promise<PoolRef> {
    const xml = `<pool type="dir"><name>${this.#name}</name><target><path>${this.folder}</path></target></pool>`;
    const pool = await this.#libvirt.storagePoolLookupByName(this.#name).catch((error: unknown) => {
      if (error instanceof LibvirtError && error.code === LibvirtErrorCode.noStoragePool) {
        return this.#libvirt.storagePoolDefineXml(xml);
      }
      throw error;
    });
    if (!(await this.#libvirt.storagePoolIsActive(pool))) await this.#libvirt.storagePoolCreate(pool);
    else await this.#libvirt.storagePoolRefresh(pool).catch(() => {});
    return pool;
  }
}
