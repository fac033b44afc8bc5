/** The system users: one per role, so that none can read another's secrets. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { StepError } from './step.ts';

const USERS = ['tsubo-pg', 'tsubo-web', 'tsubo-app', 'tsubo-worker', 'tsubo-console'] as const;
type UserName = (typeof USERS)[number];
export type Identity = { uid: number; gid: number };
export type Users = Record<UserName, Identity>;

export const ROOT: Identity = { uid: 0, gid: 0 };

/** Creates those that are missing. @throws StepError */
export function ensureUsers(): Users {
  for (const name of USERS) {
    if (find(name)) continue;
    const made = spawnSync(
      '/usr/sbin/useradd',
      [
        '--system',
        '--user-group',
        '--no-create-home',
        '--home-dir',
        '/nonexistent',
        '--shell',
        '/usr/sbin/nologin',
        name,
      ],
      { encoding: 'utf8' },
    );
    // Another run may have been quicker.
    if (made.status !== 0 && !find(name)) {
      throw new StepError(
        `the system user ${name} cannot be created: ${made.stderr}`,
        'Create it by hand, then run this again.',
      );
    }
  }
  return Object.fromEntries(USERS.map((name) => [name, find(name)])) as Users;
}

function find(name: string): Identity | undefined {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid && gid ? { uid: Number(uid), gid: Number(gid) } : undefined;
}
