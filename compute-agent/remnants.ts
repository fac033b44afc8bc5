/**
 * What a libvirtd that was killed while it stopped a guest forgets, and never takes away: the guest's folders below
 * /var/lib/libvirt/qemu, named after that run of the domain, and its empty cgroups. The next start makes others.
 */
import { readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing } from './durable.ts';
import type { exec } from './exec.ts';
import { qemuUser } from './paths.ts';

const QEMU = '/var/lib/libvirt/qemu';
const CGROUPS = '/sys/fs/cgroup';
const RUN_FOLDER = /^domain-\d+-([a-z2-7]{10})$/;
const CGROUP = /^(?:machine-)?qemu(?:-|\\x2d)\d+(?:-|\\x2d)([a-z2-7]{10})\./;

export interface Remnant {
  serverId: string;
  path: string;
  kind: 'run folder' | 'cgroup';
}

export class Remnants {
  readonly #run: typeof exec;
  readonly #places: { qemu: string; cgroups: string };

  constructor(run: typeof exec, places = { qemu: QEMU, cgroups: CGROUPS }) {
    this.#run = run;
    this.#places = places;
  }

  /** Of running guests too: what is a remnant, its server's state decides. */
  async all(): Promise<Remnant[]> {
    const { qemu, cgroups } = this.#places;
    // One tree for each controller under cgroup 1, one in all under cgroup 2.
    const trees = [cgroups, ...(await foldersIn(cgroups)).map((name) => join(cgroups, name))];
    const slices = trees.flatMap((tree) => [join(tree, 'machine'), join(tree, 'machine.slice')]);
    const found = await Promise.all([
      ...[qemu, join(qemu, 'channel/target')].map((folder) => named(folder, RUN_FOLDER, 'run folder')),
      ...slices.map((folder) => named(folder, CGROUP, 'cgroup')),
    ]);
    return found.flat();
  }

  /** Inside the mutex of a server that does not run. */
  async remove({ path, kind }: Remnant): Promise<void> {
    if (kind === 'cgroup') return removeCgroup(path);
    // Above it is a folder of QEMU's user, who could put a link in its place: so it is done as that user, not as root.
    await this.#run('rm', ['-rf', '--', path], { as: await qemuUser() });
  }
}

async function named(folder: string, pattern: RegExp, kind: Remnant['kind']): Promise<Remnant[]> {
  return (await foldersIn(folder)).flatMap((name) => {
    const serverId = pattern.exec(name)?.[1];
    return serverId === undefined ? [] : [{ serverId, path: join(folder, name), kind }];
  });
}

/** From within; the kernel refuses one that a process is in. */
async function removeCgroup(path: string): Promise<void> {
  for (const name of await foldersIn(path)) await removeCgroup(join(path, name));
  await rmdir(path).catch((error: NodeJS.ErrnoException) => {
    if (!isMissing(error) && error.code !== 'EBUSY') throw error;
  });
}

async function foldersIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}
