/** The door as it is installed: with the host keys that were made then. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type SshDoor, startSshDoor } from './door.ts';
import type { VisitDeps } from './visitor.ts';

/** @throws when there is no key, or the port is taken */
export function openSshDoor(options: VisitDeps & { host: string; port: number; keysDir: string }): Promise<SshDoor> {
  const { host, port, keysDir, ...deps } = options;
  const names = readdirSync(keysDir).filter((name) => /^ssh_host_\w+_key$/.test(name));
  // Clients without an opinion take the first kind: ed25519.
  const hostKeys = names
    .sort()
    .reverse()
    .map((name) => readFileSync(join(keysDir, name)));
  if (hostKeys.length === 0) throw new Error(`The SSH door has no host key in ${keysDir}.`);
  return startSshDoor({ ...deps, hostKeys, listen: { host, port } });
}
