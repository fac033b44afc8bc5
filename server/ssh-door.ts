/** What the panel says of the SSH door. Written when it is installed (scripts/install/ssh-host-keys.ts). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const facts = z.object({
  port: z.int(),
  /** `fingerprint` as `ssh-keygen -l` writes it. */
  hostKeys: z.array(z.object({ type: z.string(), fingerprint: z.string() })),
});
export type SshDoorFacts = z.infer<typeof facts>;

/** As customers reach it: by the panel's own name. */
export const sshDoor = facts.extend({ host: z.string() });
export type SshDoorView = z.infer<typeof sshDoor>;

/** Null where there is none. */
export function readSshDoor(dataDir: string, origin: string): SshDoorView | null {
  let text: string;
  try {
    text = readFileSync(join(dataDir, 'etc/ssh-door.json'), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  return { ...facts.parse(JSON.parse(text)), host: new URL(origin).hostname };
}
