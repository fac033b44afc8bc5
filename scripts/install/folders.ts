/** TSUBO_DATA's folders, and whether the system users can reach them at all. */
import { chownSync, existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { putFolder } from './files.ts';
import type { Layout } from './layout.ts';
import { StepError } from './step.ts';
import type { Users } from './users.ts';

export function ensureFolders(layout: Layout, users: Users): void {
  for (const folder of [layout.data, layout.releases, layout.etc, layout.pki, layout.run, layout.log])
    putFolder(folder);
  // What is in it nginx makes itself: root changes owners and modes in no folder of another user, who could put a
  // link there in its place.
  putFolder(join(layout.run, 'nginx'), 0o750, users['tsubo-web']);
  // Out of a backup they have the numbers of another machine's users.
  const keys = {
    'ca.key': 'tsubo-worker',
    'control-plane.key': 'tsubo-worker',
    'console-proxy.key': 'tsubo-console',
    'origin.key': 'tsubo-web',
  } as const;
  for (const [name, user] of Object.entries(keys)) {
    const key = join(layout.pki, name);
    if (existsSync(key)) chownSync(key, users[user].uid, users[user].gid);
  }
  // QEMU's user passes through it to the disks; what is in it, the agent decides.
  putFolder(layout.agent, 0o711);
  for (let folder = dirname(layout.data); folder !== '/'; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) {
      throw new StepError(
        `${folder} cannot be entered by other users, and so they cannot reach ${layout.data}`,
        `Choose another folder: TSUBO_DATA=/srv/tsubo ./scripts/quickstart`,
      );
    }
  }
}
