/**
 * The files in which virtlogd keeps what a port said: `serial.log`, and older ones `serial.log.0`, `.1`, …, into which
 * it renames them. A file is known by its inode and the time of its making: inode numbers are used again, and here
 * they are at once, since the oldest file goes when a new one is made.
 */
import type { BigIntStats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { SERIAL_REPLAY_BYTES, type SerialPosition } from '../contract/streams.ts';
import { isMissing, listFolder } from '../durable.ts';

export interface LogFile {
  /** As in a position: a number for the file, at most 20 digits. */
  inode: string;
  path: string;
  bytes: number;
}

/** Within the replay a line's beginning is looked for so far. */
const LINE_BYTES = 4_096;
/** A rotation is some renames; between two of them a listing is not one moment. */
const LISTING_TRIES = 10;

export const identityOf = ({ ino, birthtimeMs }: BigIntStats): string =>
  `${birthtimeMs}${String(ino % 10_000_000n).padStart(7, '0')}`.replace(/^0+(?=\d)/, '');

/** null where there is none. */
export async function logFile(path: string): Promise<LogFile | null> {
  try {
    const stats = await stat(path, { bigint: true });
    return { inode: identityOf(stats), path, bytes: Number(stats.size) };
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** Oldest first. */
export async function logFiles(path: string): Promise<LogFile[]> {
  let last = await listing(path);
  for (let tries = 0; tries < LISTING_TRIES; tries += 1) {
    const next = await listing(path);
    if (next.length === last.length && next.every(({ inode }, index) => inode === last[index]?.inode)) return next;
    last = next;
  }
  return last;
}

async function listing(path: string): Promise<LogFile[]> {
  const name = basename(path);
  const older = (await listFolder(dirname(path)))
    .filter((entry) => entry.startsWith(`${name}.`) && /^\d{1,3}$/.test(entry.slice(name.length + 1)))
    .sort((a, b) => Number(b.slice(name.length + 1)) - Number(a.slice(name.length + 1)));
  const found = await Promise.all([...older, name].map((entry) => logFile(join(dirname(path), entry))));
  // Seen twice while it was renamed: under its newer place.
  return found.filter(
    (file, index): file is LogFile =>
      file !== null && !found.some((other, place) => place > index && other?.inode === file.inode),
  );
}

/** How many bytes follow on a position; null where it is in none of the files. */
export function bytesAfter(files: readonly LogFile[], { inode, offset }: SerialPosition): number | null {
  const index = files.findIndex((file) => file.inode === inode);
  const own = files[index];
  if (own === undefined || offset > own.bytes) return null;
  return files.slice(index).reduce((sum, { bytes }) => sum + bytes, -offset);
}

/** Where the last SERIAL_REPLAY_BYTES begin, moved on to a line's beginning. */
export async function replayStart(files: readonly LogFile[]): Promise<SerialPosition> {
  let left = SERIAL_REPLAY_BYTES;
  for (const file of files.toReversed()) {
    if (file.bytes >= left) {
      const cut = file.bytes - left;
      return { inode: file.inode, offset: cut + (await lineStart(file, cut)) };
    }
    left -= file.bytes;
  }
  const [oldest] = files;
  return oldest ? { inode: oldest.inode, offset: await lineStart(oldest, 0) } : { inode: '0', offset: 0 };
}

/** Bytes from `cut` to the next line, or else to the next whole UTF-8 character. */
async function lineStart(file: LogFile, cut: number): Promise<number> {
  const handle = await open(file.path, 'r').catch((error: unknown) => {
    // Renamed meanwhile. What is read there is right, wherever it begins.
    if (isMissing(error)) return null;
    throw error;
  });
  if (handle === null) return 0;
  try {
    if (identityOf(await handle.stat({ bigint: true })) !== file.inode) return 0;
    // With the byte before; the first file begins with a line, or with what its forerunner ended in.
    const around = Buffer.alloc(LINE_BYTES);
    if (cut === 0) await handle.read(around, 1, 3, 0);
    else {
      const { bytesRead } = await handle.read(around, 0, LINE_BYTES, cut - 1);
      const line = around.subarray(0, bytesRead).indexOf('\n');
      if (line >= 0) return line;
    }
    let skipped = 0;
    while (skipped < 3 && isContinuation(around[1 + skipped])) skipped += 1;
    return skipped;
  } finally {
    await handle.close();
  }
}

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;
