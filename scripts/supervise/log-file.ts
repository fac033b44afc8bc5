/**
 * Log files `log/<process>.log`. A process writes to its file itself, not through the supervisor: so the
 * supervisor's death costs no line and breaks no pipe. The file belongs to the process's user, because nginx
 * opens its standard output again by name.
 */
import { closeSync, copyFileSync, fchownSync, openSync, statSync, truncateSync } from 'node:fs';

const MAX_BYTES = 64 * 1024 * 1024;

/** Opens for appending; the caller closes it when the process has it. */
export function openLog(path: string, uid: number, gid: number): number {
  const file = openSync(path, 'a', 0o640);
  try {
    fchownSync(file, uid, gid);
  } catch (error) {
    closeSync(file);
    throw error;
  }
  return file;
}

/**
 * Copies a large file aside and empties it: its writers append, so they go on at the new end. What they write
 * between the two, some milliseconds, is lost; renaming instead would ask every daemon to open its log anew.
 */
export function rotateLog(path: string): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size < MAX_BYTES) return;
  copyFileSync(path, `${path}.1`);
  truncateSync(path, 0);
}
