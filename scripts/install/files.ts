/** Files that are there whole or not at all, also after a power cut, with the owner and mode they must have. */
import {
  chmodSync,
  chownSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { Identity } from './users.ts';
import { ROOT } from './users.ts';

/** Writes where the content differs. Returns whether it did. */
export function putFile(path: string, content: string, mode = 0o644, owner: Identity = ROOT): boolean {
  const same = readIfThere(path) === content;
  if (!same) {
    const half = `${path}.new`;
    // Never readable by others, not even before the owner is set.
    writeFileSync(half, content, { mode: 0o600, flush: true });
    renameSync(half, path);
    syncFolder(dirname(path));
  }
  chownSync(path, owner.uid, owner.gid);
  chmodSync(path, mode);
  return !same;
}

/** Brings the names in it to the disk. */
export function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

export function putFolder(path: string, mode = 0o755, owner: Identity = ROOT): void {
  mkdirSync(path, { recursive: true });
  chownSync(path, owner.uid, owner.gid);
  chmodSync(path, mode);
}

export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
