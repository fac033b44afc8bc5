/**
 * Where a server's things lie. Sockets are under /run, in a folder per server that QEMU's user may write:
 * libvirt's own folders are closed to others, and a VNC socket there silently becomes TCP (host.md 6).
 */
import { chmod, chown, mkdir, readFile, rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing, listFolder } from './durable.ts';

export class ServerPaths {
  readonly #dataDir: string;
  readonly #runDir: string;
  #owner: { uid: number; gid: number } | undefined;

  constructor(dataDir: string, runDir: string) {
    this.#dataDir = dataDir;
    this.#runDir = runDir;
  }

  async prepare(): Promise<void> {
    await mkdir(this.#runDir, { recursive: true, mode: 0o711 });
    await mkdir(join(this.#dataDir, 'serial'), { recursive: true, mode: 0o700 });
    this.#owner = await qemuUser();
  }

  of(serverId: string): { serialLog: string; serialSocket: string; vncSocket: string; agentSocket: string } {
    const run = join(this.#runDir, serverId);
    return {
      serialLog: join(this.#dataDir, 'serial', serverId, 'serial.log'),
      serialSocket: join(run, 'serial.sock'),
      vncSocket: join(run, 'vnc.sock'),
      agentSocket: join(run, 'agent.sock'),
    };
  }

  /** Before every start, since /run is empty after the host booted. */
  async make(serverId: string): Promise<void> {
    await mkdir(join(this.#dataDir, 'serial', serverId), { recursive: true, mode: 0o700 });
    const run = join(this.#runDir, serverId);
    await mkdir(run, { recursive: true });
    if (this.#owner) await chown(run, this.#owner.uid, this.#owner.gid);
    await chmod(run, 0o770);
  }

  /** Throws where a folder lies in one of them: nobody of ours made it. */
  async remove(serverId: string): Promise<void> {
    await removeFlat(join(this.#runDir, serverId));
    await removeFlat(join(this.#dataDir, 'serial', serverId));
  }
}

/**
 * Not recursively: the folder belongs to QEMU's user, who could put a link in the place of a folder while root walks
 * down it. An entry's own name is all that is taken away, wherever it leads.
 */
async function removeFlat(folder: string): Promise<void> {
  for (const entry of await listFolder(folder)) {
    const path = join(folder, entry);
    await unlink(path).catch((error: NodeJS.ErrnoException) => {
      if (isMissing(error)) return;
      if (error.code === 'EISDIR' || error.code === 'EPERM') throw new Error(`a folder is in the way: ${path}`);
      throw error;
    });
  }
  await rmdir(folder).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
  });
}

/** Whom libvirt runs every QEMU as. */
export async function qemuUser(): Promise<{ uid: number; gid: number }> {
  const name = 'libvirt-qemu';
  const passwd = await readFile('/etc/passwd', 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return '';
    throw error;
  });
  const line = passwd.split('\n').find((text) => text.startsWith(`${name}:`));
  const [, , uid, gid] = (line ?? '').split(':');
  if (uid === undefined || gid === undefined) {
    throw new Error(`there is no user ${name} on this host: is the package libvirt-daemon-system installed?`);
  }
  return { uid: Number(uid), gid: Number(gid) };
}
