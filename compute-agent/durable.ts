/**
 * Files that must be whole and on the disk before we go on: written under a temporary name, fsynced, renamed,
 * and the folder fsynced, since the name lives there. A crash leaves the old content or the new one, and at
 * worst a `.tmp-…` beside it, which `sweepTemporary` takes away at the next start.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const TEMPORARY = '.tmp-';

export const temporaryBeside = (path: string): string =>
  join(dirname(path), `${TEMPORARY}${randomBytes(6).toString('hex')}`);

export const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException | null)?.code === 'ENOENT';

async function fsyncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Gives a finished temporary file its name, durably. */
export async function publishFile(temporary: string, path: string): Promise<void> {
  await fsyncPath(temporary);
  await rename(temporary, path);
  await fsyncPath(dirname(path));
}

export async function writeDurably(path: string, content: string, mode = 0o600): Promise<void> {
  const temporary = temporaryBeside(path);
  try {
    const handle = await open(temporary, 'wx', mode);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
    await fsyncPath(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Another name for a file that is on the disk already. Nothing where it is gone: somebody else was quicker. */
export async function renameDurably(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  await fsyncPath(dirname(to));
}

/** Whether it was there. */
export async function removeDurably(path: string): Promise<boolean> {
  try {
    await unlink(path);
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
  await fsyncPath(dirname(path));
  return true;
}

/** null where there is none. */
export async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

export async function listFolder(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Takes away what a crash left half-written. Only safe while nothing writes into the folder. */
export async function sweepTemporary(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of await listFolder(folder)) {
    if (name.startsWith(TEMPORARY)) await rm(join(folder, name), { recursive: true, force: true });
  }
}
