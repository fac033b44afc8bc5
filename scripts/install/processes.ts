/**
 * The table of processes, in the order in which they start (they end in reverse). Three stages, because some
 * need what others make first: `base` to migrate, `panel` to let the host join, `all`.
 */
import { readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessSpec } from '../supervise/table.ts';
import type { Layout } from './layout.ts';
import { GUESTS } from './libvirt.ts';
import { postgresBin, postgresOptions } from './postgres.ts';
import { originOf, type Settings } from './settings.ts';
import { type Identity, ROOT, type Users } from './users.ts';

export type Stage = 'libvirt' | 'base' | 'panel' | 'all';

const WORKERS = 2;
export const CONSOLE_PORT = 3300;

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export function processTable(
  layout: Layout,
  settings: Settings,
  users: Users | undefined,
  stage: Stage,
): ProcessSpec[] {
  const libvirt = libvirtProcesses(layout);
  if (stage === 'libvirt' || !users) return libvirt;
  const base = [...(settings.DATABASE_URL ? [] : [postgres(layout, settings, users)]), ...libvirt];
  if (stage === 'base') return base;
  const panel = panelProcesses(layout, settings, users);
  return stage === 'panel' ? [...base, ...panel] : [...base, agent(layout, settings), ...panel];
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

/** One of our own programs, out of the current release. Its secrets it reads itself, from its role's file. */
function daemon(layout: Layout, owner: Identity, role: string, given: Omit<Given, 'command'>): ProcessSpec {
  return spec(layout, owner, {
    ...given,
    command: layout.node,
    args: [`--env-file=${layout.env(role)}`, '--enable-source-maps', ...given.args],
    version: readlinkSync(layout.current),
  });
}

function libvirtProcesses(layout: Layout): ProcessSpec[] {
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

function agent(layout: Layout, settings: Settings): ProcessSpec {
  return daemon(layout, ROOT, 'agent', {
    name: 'agent',
    args: [layout.daemon('agent')],
    env: { TSUBO_HEALTH_PORT: String(settings.TSUBO_AGENT_HEALTH_PORT) },
  });
}

function panelProcesses(layout: Layout, settings: Settings, users: Users): ProcessSpec[] {
  const workers = Array.from({ length: WORKERS }, (_, index) =>
    daemon(layout, users['tsubo-worker'], 'worker', {
      name: `worker-${index + 1}`,
      args: [layout.daemon('worker')],
      env: {
        TSUBO_WORKER_SLOT: `worker-${index + 1}`,
        TSUBO_HEALTH_PORT: String(settings.TSUBO_WORKER_PORT + index),
        ...(settings.TSUBO_STOP_TIMEOUT_MS && { TSUBO_STOP_TIMEOUT_MS: String(settings.TSUBO_STOP_TIMEOUT_MS) }),
      },
      // A step that runs is let to its end.
      stopWithinMs: 15_000,
    }),
  );
  const app = daemon(layout, users['tsubo-app'], 'app', {
    name: 'app',
    args: [join(layout.current, 'app/server.js')],
    cwd: join(layout.current, 'app'),
    env: { PORT: String(settings.TSUBO_APP_PORT), HOSTNAME: '127.0.0.1', NODE_ENV: 'production' },
  });
  const nginx = spec(layout, users['tsubo-web'], {
    name: 'nginx',
    command: '/usr/sbin/nginx',
    // -e: the log of the time before the configuration is read; its default belongs to root.
    args: ['-e', 'stderr', '-p', join(layout.run, 'nginx'), '-c', join(layout.etc, 'nginx.conf')],
    version: `${originOf(settings)} ${settings.TSUBO_APP_PORT} ${settings.TSUBO_PORT}`,
    stopSignal: 'SIGTERM',
  });
  return [...workers, app, nginx];
}

/** Where each process says how it is. */
export function healthUrls(settings: Settings): Record<string, string> {
  const local = (port: number) => `http://127.0.0.1:${port}/healthz`;
  return {
    ...Object.fromEntries(
      Array.from({ length: WORKERS }, (_, index) => [`worker-${index + 1}`, local(settings.TSUBO_WORKER_PORT + index)]),
    ),
    app: local(settings.TSUBO_APP_PORT),
    agent: local(settings.TSUBO_AGENT_HEALTH_PORT),
  };
}
