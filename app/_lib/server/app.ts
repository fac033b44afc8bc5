/**
 * The panel's process: its configuration, database, events and sign-in. Next bundles pages, route handlers and
 * instrumentation apart, each with a copy of this module; what must be one per process hangs on globalThis.
 */
import { type Auth, createAuth } from '../../../server/auth/auth.ts';
import { parseAppConfig } from '../../../server/config.ts';
import { createDb } from '../../../server/db.ts';
import { createDeps } from '../../../server/deps.ts';
import { createEventHub } from '../../../server/events/hub.ts';
import { createLogger } from '../../../server/log.ts';
import { readSshDoor } from '../../../server/ssh-door.ts';
import type { AppDeps } from '../../../server/trpc/context.ts';

interface App {
  deps: AppDeps;
  auth: Auth;
  /** Aborts when the process is asked to end. Next waits for open answers, and an event stream never ends by itself. */
  stopping: AbortSignal;
}

/** For answers under way when the process is asked to end. */
const graceMs = 5000;

const holder = globalThis as typeof globalThis & { tsuboApp?: App };

/** @throws Error that names the variable when the environment is wrong */
export function app(): App {
  holder.tsuboApp ??= createApp();
  return holder.tsuboApp;
}

function createApp(): App {
  const config = parseAppConfig(process.env);
  const log = createLogger('app', config.logLevel);
  const db = createDb(config.databaseUrl, {
    onError: (err) => log.warn({ err }, 'a database connection was lost'),
  });
  const events = createEventHub({ url: config.databaseUrl, log });
  const deps: AppDeps = {
    ...createDeps(db, log),
    origin: config.origin,
    events,
    stopTimeoutMs: config.stopTimeoutMs,
    sshDoor: readSshDoor(config.dataDir, config.origin),
  };
  const stop = new AbortController();
  const end = () => {
    stop.abort();
    // Next closes its door and waits for every connection to fall idle, which kept-alive ones need never do.
    setTimeout(() => process.exit(0), graceMs).unref();
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, end);
  return { stopping: stop.signal, deps, auth: createAuth(deps, { origin: config.origin, secret: config.authSecret }) };
}
