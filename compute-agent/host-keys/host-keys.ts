/** The SSH host keys of a guest, as it said them on its serial port when it made them. */
import { createReadStream } from 'node:fs';
import { logFiles } from '../consoles/log-files.ts';
import type { HostKeys } from '../contract/shapes.ts';
import { isMissing } from '../durable.ts';
import { lastFingerprints } from './fingerprints.ts';

/** virtlogd begins a new file at 8 MiB; a longer one is none of its. */
const READ_MAX = 9 * 1024 * 1024;

/** Of the newest file in which they stand; none where no file has them (any more). */
export async function readHostKeys(serialLog: string): Promise<HostKeys> {
  for (const { path } of (await logFiles(serialLog)).reverse()) {
    const fingerprints = lastFingerprints(await textOf(path));
    if (fingerprints !== null) return { fingerprints };
  }
  return { fingerprints: [] };
}

async function textOf(path: string): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of createReadStream(path, { end: READ_MAX - 1 })) chunks.push(chunk as Buffer);
  } catch (error) {
    // It was rotated away in between.
    if (!isMissing(error)) throw error;
  }
  // One character a byte: the form that is looked for is ASCII, and nothing else is kept.
  return Buffer.concat(chunks).toString('latin1');
}
