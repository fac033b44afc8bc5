/**
 * The table of processes, in the order in which they start (they end in reverse). Three stages, because some
 * need what others make first: `base` to migrate, `panel` to let the host join, `all`.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { ProcessSpec } from '../supervise/table.ts';
import { readIfThere } from './files.ts';
import { CACHE } from './images.ts';
import type { Layout, Release } from './layout.ts';
import { GUESTS } from './libvirt.ts';
import { APP_IDLE_S } from './nginx.ts';
import { postgresBin, postgresOptions } from './postgres.ts';
import { originOf, type Settings } from './settings.ts';
import { sshDoorFile } from './ssh-host-keys.ts';
import { type Identity, ROOT, type Users } from './users.ts';

export type Stage = 'base' | 'panel' | 'all';

const WORKERS = 2;

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What the table is made for. */
export type Machine = { layout: Layout; settings: Settings; users: Users; release: Release };

export function processTable(machine: Machine, stage: Stage): ProcessSpec[] {
  const { layout, settings, users } = machine;
  const libvirt = libvirtProcesses(layout);
  const base = [...(settings.DATABASE_URL ? [] : [postgres(layout, settings, users)]), ...libvirt];
  if (stage === 'base') return base;
  const panel = panelProcesses(machine);
  if (stage === 'panel') return [...base, ...panel];
  const images = settings.TSUBO_BUILD_IMAGES === 'all' ? [imageBuilder(machine)] : [];
  return [...base, agent(machine), ...panel, ...images];
}

type Given = Pick<ProcessSpec, 'name' | 'command' | 'args'> & Partial<ProcessSpec>;

function spec(layout: Layout, owner: Identity, given: Given): ProcessSpec {
  const complete = {
    cwd: layout.data,
    stopSignal: 'SIGTERM' as const,
    stopWithinMs: 10_000,
    ...given,
    env: { PATH, LANG: 'C.UTF-8', ...given.env },
    ...owner,
  };
  // Whatever the process is started with is its version: another port or another release is another version.
  return { ...complete, version: JSON.stringify([complete, given.version ?? '']) };
}

/** One of our own programs, out of the release. Its secrets it reads itself, from its role's file; `reads`: what else. */
function daemon(
  { layout, release }: Machine,
  owner: Identity,
  role: string,
  given: Omit<Given, 'command'>,
  ...reads: string[]
) {
  return spec(layout, owner, {
    ...given,
    command: release.node,
    args: [`--env-file=${layout.env(role)}`, '--enable-source-maps', ...given.args],
    version: digestOf(layout.env(role), ...reads),
  });
}

/** Of what it reads at its start beside its command line: another content is another version, too. */
const digestOf = (...files: string[]): string =>
  files.reduce((hash, file) => hash.update(`${readIfThere(file)}\0`), createHash('sha256')).digest('hex');

export function libvirtProcesses(layout: Layout): ProcessSpec[] {
  return [
    spec(layout, ROOT, {
      name: 'virtlogd',
      command: '/usr/sbin/virtlogd',
      args: ['-f', join(layout.etc, 'virtlogd.conf')],
      cwd: '/',
      sharedPidFile: '/run/virtlogd.pid',
      keepWhileAlive: GUESTS,
    }),
    // QEMU is no member of its group: libvirtd lets it daemonize, and guests outlive any restart.
    spec(layout, ROOT, {
      name: 'libvirtd',
      command: '/usr/sbin/libvirtd',
      args: ['-f', join(layout.etc, 'libvirtd.conf')],
      cwd: '/',
      sharedPidFile: '/run/libvirtd.pid',
    }),
  ];
}

function postgres(layout: Layout, settings: Settings, users: Users): ProcessSpec {
  return spec(layout, users['tsubo-pg'], {
    name: 'postgres',
    command: join(postgresBin(), 'postgres'),
    args: ['-D', layout.pg, ...postgresOptions(settings)],
    cwd: layout.pg,
    folder: layout.pg,
    // SIGINT: end the sessions and stop; SIGTERM would wait for them.
    stopSignal: 'SIGINT',
    stopWithinMs: 30_000,
  });
}

function agent(machine: Machine): ProcessSpec {
  const { release, settings } = machine;
  return daemon(machine, ROOT, 'agent', {
    name: 'agent',
    args: [release.daemon('agent')],
    env: { TSUBO_HEALTH_PORT: String(settings.TSUBO_AGENT_HEALTH_PORT) },
  });
}

/** What takes minutes to build, and what nobody need wait for. As root: it makes a whole system's files. */
function imageBuilder(machine: Machine): ProcessSpec {
  const { release } = machine;
  return daemon(machine, ROOT, 'admin', {
    name: 'images',
    args: [release.daemon('prepare-images'), join(release.folder, 'images')],
    env: { TSUBO_CACHE: CACHE },
    once: true,
  });
}

function panelProcesses(machine: Machine): ProcessSpec[] {
  const { layout, settings, users, release } = machine;
  // The workers wait by it, and the panel says it.
  const stopTimeout = variables(settings, ['TSUBO_STOP_TIMEOUT_MS']);
  const workers = Array.from({ length: WORKERS }, (_, index) =>
    daemon(machine, users['tsubo-worker'], 'worker', {
      name: `worker-${index + 1}`,
      // It idles most of the time: V8 need not keep a large nursery for it (40 MB each).
      args: ['--max-semi-space-size=2', release.daemon('worker')],
      env: {
        TSUBO_WORKER_SLOT: `worker-${index + 1}`,
        TSUBO_HEALTH_PORT: String(settings.TSUBO_WORKER_PORT + index),
        ...stopTimeout,
        ...variables(settings, ['TSUBO_EVENTS_DAYS', 'TSUBO_WORKFLOWS_DAYS']),
      },
      // A step that runs is let to its end.
      stopWithinMs: 15_000,
    }),
  );
  const app = daemon(
    machine,
    users['tsubo-app'],
    'app',
    {
      name: 'app',
      args: [join(release.folder, 'app/server.js')],
      cwd: join(release.folder, 'app'),
      env: {
        PORT: String(settings.TSUBO_APP_PORT),
        HOSTNAME: '127.0.0.1',
        NODE_ENV: 'production',
        // Next's own variable, ms.
        KEEP_ALIVE_TIMEOUT: String((APP_IDLE_S + 15) * 1000),
        ...stopTimeout,
      },
    },
    sshDoorFile(layout),
  );
  const consoleProxy = daemon(machine, users['tsubo-console'], 'console', {
    name: 'console-proxy',
    args: [release.daemon('console-proxy')],
    env: {
      TSUBO_CONSOLE_PORT: String(settings.TSUBO_CONSOLE_PORT),
      ...variables(settings, ['TSUBO_CONSOLE_IDLE_MINUTES']),
      TSUBO_SSH_PORT: String(settings.TSUBO_SSH_PORT),
      // As nginx: for all where the panel has a name.
      TSUBO_SSH_LISTEN: originOf(settings).startsWith('https:') ? '::' : '127.0.0.1',
      TSUBO_SSH_KEYS: layout.console,
    },
  });
  const nginx = spec(layout, users['tsubo-web'], {
    name: 'nginx',
    command: '/usr/sbin/nginx',
    // -e: the log of the time before the configuration is read; its default belongs to root.
    args: ['-e', 'stderr', '-p', join(layout.run, 'nginx'), '-c', join(layout.etc, 'nginx.conf')],
    version: digestOf(join(layout.etc, 'nginx.conf')),
    stopSignal: 'SIGTERM',
  });
  return [...workers, app, consoleProxy, nginx];
}

/** Of these settings what was given: for the others a process has its own default. */
const variables = (settings: Settings, names: (keyof Settings)[]): Record<string, string> =>
  Object.fromEntries(names.flatMap((name) => (settings[name] === undefined ? [] : [[name, String(settings[name])]])));

/** Where each process says how it is. */
export function healthUrls(settings: Settings): Record<string, string> {
  const local = (port: number) => `http://127.0.0.1:${port}/healthz`;
  return {
    ...Object.fromEntries(
      Array.from({ length: WORKERS }, (_, index) => [`worker-${index + 1}`, local(settings.TSUBO_WORKER_PORT + index)]),
    ),
    app: local(settings.TSUBO_APP_PORT),
    'console-proxy': local(settings.TSUBO_CONSOLE_PORT),
    agent: local(settings.TSUBO_AGENT_HEALTH_PORT),
    // The app's answer, by the front door.
    nginx: `${new URL(originOf(settings)).protocol}//127.0.0.1:${settings.TSUBO_PORT}/healthz`,
  };
}
