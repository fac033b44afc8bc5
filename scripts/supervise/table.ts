/** What the supervisor is to keep running: `run/processes.json`, written by quickstart, read at start and on SIGHUP. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const processSpec = z.object({
  name: z.string().regex(/^[a-z][a-z0-9-]*$/),
  command: z.string().startsWith('/'),
  args: z.array(z.string()),
  cwd: z.string().startsWith('/'),
  /** Secrets do not stand here: each process reads its own file as its own user. */
  env: z.record(z.string(), z.string()),
  uid: z.int().min(0),
  gid: z.int().min(0),
  stopSignal: z.enum(['SIGTERM', 'SIGINT', 'SIGQUIT']),
  /** How long it may take to end after stopSignal; then its group is killed. */
  stopWithinMs: z.int().min(0),
  /** Every process of this user with this working directory belongs to it, too (PostgreSQL). */
  folder: z.string().optional(),
  /** libvirt's own pid file. A living process of this command in it that we did not start is used as it is. */
  sharedPidFile: z.string().optional(),
  /**
   * A folder of pid files. As long as one of them names a living process of `command`, this one is left at stop
   * and taken over at the next start (virtlogd: a guest whose virtlogd dies has no serial log until it reboots).
   */
  keepWhileAlive: z.object({ folder: z.string(), command: z.string() }).optional(),
  /** It ends when its work is done: with status 0 it is not started again, until the next start or another version. */
  once: z.boolean().optional(),
  /** Another value (a new release, new settings) means: restart. */
  version: z.string(),
});
export type ProcessSpec = z.infer<typeof processSpec>;

const processTable = z.array(processSpec);

/** @throws ZodError, or the error of reading the file. */
export function readTable(path: string): { processes: ProcessSpec[]; digest: string } {
  const text = readFileSync(path, 'utf8');
  return { processes: processTable.parse(JSON.parse(text)), digest: tableDigest(text) };
}

export const tableDigest = (text: string): string => createHash('sha256').update(text).digest('hex');
