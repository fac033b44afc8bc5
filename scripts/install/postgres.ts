/** Tsubo's own PostgreSQL: a cluster in TSUBO_DATA/pg, on the loopback only, every role by password. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bareEnvironment } from './environment.ts';
import { putFile, putFolder, syncFolder } from './files.ts';
import type { Layout } from './layout.ts';
import type { Settings } from './settings.ts';
import { StepError } from './step.ts';
import type { Users } from './users.ts';

const DATABASE = 'tsubo';
const OWNER = 'tsubo_owner';

/** Debian keeps the server's programs out of PATH, one folder per major version. */
export function postgresBin(): string {
  const folder = '/usr/lib/postgresql';
  const versions = existsSync(folder)
    ? readdirSync(folder).filter((name) => existsSync(join(folder, name, 'bin/postgres')))
    : [];
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0];
  if (!newest)
    throw new StepError('PostgreSQL is not installed', 'apt-get install postgresql-15, then run this again.');
  return join(folder, newest, 'bin');
}

export function postgresOptions(settings: Settings): string[] {
  const options = {
    listen_addresses: '127.0.0.1',
    port: String(settings.TSUBO_PG_PORT),
    // Roles come by TCP and password; a socket would ask for a folder that each of them may enter.
    unix_socket_directories: '',
    max_connections: '200',
    shared_buffers: '256MB',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_min_duration_statement: '1s',
    // Bind parameters are people's data, tokens among them: no log holds them.
    log_parameter_max_length: '0',
    log_parameter_max_length_on_error: '0',
    log_line_prefix: '%m [%p] %u ',
    // An open transaction holds back everybody's events (DESIGN 10).
    idle_in_transaction_session_timeout: '30s',
  };
  return Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

export const ownerUrl = (settings: Settings, password: string): string =>
  `postgresql://${OWNER}:${password}@127.0.0.1:${settings.TSUBO_PG_PORT}/${DATABASE}`;

/** The same database as another role. */
export function urlAs(url: string, role: string, password: string): string {
  const other = new URL(url);
  other.username = role;
  other.password = password;
  return other.href;
}

/**
 * Makes the cluster unless it is there. @returns whether it made one
 *
 * PG_VERSION is among the first files that initdb writes: made in place, half a cluster of a killed run would
 * pass for a whole one for ever.
 */
export function ensureCluster(layout: Layout, users: Users, password: string): boolean {
  if (existsSync(join(layout.pg, 'PG_VERSION'))) return false;
  const user = users['tsubo-pg'];
  const half = `${layout.pg}.new`;
  if (existsSync(layout.pg) && readdirSync(layout.pg).length > 0) {
    throw new StepError(
      `${layout.pg} is not empty, but it is no PostgreSQL cluster (it has no PG_VERSION)`,
      'Finish the restore that is under way, or move the folder away, then run this again. Nothing was changed in it.',
    );
  }
  // initdb refuses a folder with something in it: what a killed run left.
  rmSync(half, { recursive: true, force: true });
  putFolder(half, 0o700, user);
  const passwordFile = join(layout.run, 'initdb.password');
  putFile(passwordFile, `${password}\n`, 0o400, user);
  try {
    const made = spawnSync(
      join(postgresBin(), 'initdb'),
      [
        '-D',
        half,
        '-U',
        OWNER,
        '-A',
        'scram-sha-256',
        '--pwfile',
        passwordFile,
        '-E',
        'UTF8',
        '--locale=C.UTF-8',
        '-k',
      ],
      { ...user, cwd: half, encoding: 'utf8', env: bareEnvironment({ PATH: '/usr/bin:/bin' }) },
    );
    if (made.status !== 0) {
      throw new StepError(
        `initdb failed: ${made.stderr || made.error?.message}`,
        `See that ${layout.data} has room and can be entered by others.`,
      );
    }
  } finally {
    rmSync(passwordFile, { force: true });
  }
  // initdb has brought its files to the disk itself; the name comes after them.
  renameSync(half, layout.pg);
  syncFolder(dirname(layout.pg));
  return true;
}
