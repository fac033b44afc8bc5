/**
 * The SSH door's host keys: made once, and never again, since every client remembers them. What the panel says of the
 * door (its port, the keys' fingerprints) is written for the app into etc/ssh-door.json.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import type { SshDoorFacts } from '../../server/ssh-door.ts';
import { putFile, putFolder, readIfThere } from './files.ts';
import type { Layout } from './layout.ts';
import type { Settings } from './settings.ts';
import { StepError } from './step.ts';
import type { Users } from './users.ts';

const KINDS = {
  ssh_host_ed25519_key: () => ssh2.utils.generateKeyPairSync('ed25519'),
  ssh_host_ecdsa_key: () => ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 }),
};

/** ssh2 writes one Ed25519 key of some 230 so that it cannot be read again; chance does not fail this often in a row. */
const TRIES = 50;

function readable(make: () => { private: string }): string {
  for (let n = 0; n < TRIES; n++) {
    const pem = make().private;
    if (!(ssh2.utils.parseKey(pem) instanceof Error)) return pem;
  }
  throw new StepError(
    'No SSH host key could be made.',
    'Run it again; if it stays so, ssh2 and this Node do not agree.',
  );
}

export const sshDoorFile = (layout: Layout): string => join(layout.etc, 'ssh-door.json');

/** @throws StepError when a key is there and cannot be read */
export function ensureSshHostKeys(layout: Layout, settings: Settings, users: Users): void {
  // The folder is root's: nobody can put a link in a key's place.
  putFolder(layout.console);
  const hostKeys: SshDoorFacts['hostKeys'] = [];
  for (const [name, make] of Object.entries(KINDS)) {
    const file = join(layout.console, name);
    const pem = readIfThere(file) ?? readable(make);
    const key = ssh2.utils.parseKey(pem);
    if (key instanceof Error)
      throw new StepError(
        `${file} cannot be read: ${key.message}`,
        'Restore it from a backup. Only if there is none remove it: then it is made anew, and clients will warn.',
      );
    // Out of a backup it may be another user's.
    putFile(file, pem, 0o600, users['tsubo-console']);
    const digest = createHash('sha256').update(key.getPublicSSH()).digest('base64');
    hostKeys.push({ type: key.type, fingerprint: `SHA256:${digest.replace(/=+$/, '')}` });
  }
  const facts: SshDoorFacts = { port: settings.TSUBO_SSH_PORT, hostKeys };
  putFile(sshDoorFile(layout), `${JSON.stringify(facts, null, 2)}\n`);
}
