/**
 * Secrets and configuration by role: etc/<role>.env, each readable by that role's user alone. What is there
 * stays (a new secret would end every session, a new password lock a role out); the rest follows the settings.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { putFile, readIfThere } from './files.ts';
import type { Layout } from './layout.ts';
import { ownerUrl, urlAs } from './postgres.ts';
import { agentVariables, originOf, type Settings } from './settings.ts';
import { StepError } from './step.ts';
import { ROOT, type Users } from './users.ts';

type Variables = Record<string, string>;

export type Secrets = {
  ownerUrl: string;
  ownerPassword: string;
  appPassword: string;
  workerPassword: string;
  proxyPassword: string;
};

const makeSecret = (): string => randomBytes(32).toString('hex');

export function ensureSecrets(layout: Layout, settings: Settings, users: Users, cache: string): Secrets {
  const before = {
    admin: readVariables(layout.env('admin')),
    app: readVariables(layout.env('app')),
    worker: readVariables(layout.env('worker')),
    console: readVariables(layout.env('console')),
  };
  const ownerPassword = passwordOf(before.admin.DATABASE_URL) ?? makeSecret();
  const appPassword = passwordOf(before.app.DATABASE_URL) ?? makeSecret();
  const workerPassword = passwordOf(before.worker.DATABASE_URL) ?? makeSecret();
  const proxyPassword = passwordOf(before.console.DATABASE_URL) ?? makeSecret();
  const owner = settings.DATABASE_URL ?? ownerUrl(settings, ownerPassword);
  const common = { TSUBO_DATA: layout.data, TSUBO_LOG_LEVEL: settings.TSUBO_LOG_LEVEL };

  put('admin', { ...common, DATABASE_URL: owner }, ROOT);
  put(
    'app',
    {
      ...common,
      DATABASE_URL: urlAs(owner, 'tsubo_app', appPassword),
      TSUBO_ORIGIN: originOf(settings),
      BETTER_AUTH_SECRET: before.app.BETTER_AUTH_SECRET ?? makeSecret(),
    },
    users['tsubo-app'],
  );
  put(
    'worker',
    { ...common, DATABASE_URL: urlAs(owner, 'tsubo_worker', workerPassword), TSUBO_PKI: layout.pki },
    users['tsubo-worker'],
  );
  put(
    'console',
    {
      ...common,
      DATABASE_URL: urlAs(owner, 'tsubo_proxy', proxyPassword),
      TSUBO_ORIGIN: originOf(settings),
      TSUBO_PKI: layout.pki,
    },
    users['tsubo-console'],
  );
  put(
    'agent',
    {
      ...common,
      TSUBO_AGENT_DATA: layout.agent,
      TSUBO_IMAGE_SOURCES: join(cache, 'images'),
      TSUBO_PROBE_DIR: join(cache, 'probe'),
      ...agentVariables(settings),
    },
    ROOT,
  );
  return { ownerUrl: owner, ownerPassword, appPassword, workerPassword, proxyPassword };

  function put(role: string, variables: Variables, owner: { uid: number; gid: number }) {
    putFile(layout.env(role), writeVariables(variables), 0o600, owner);
  }
}

function passwordOf(url: string | undefined): string | undefined {
  return url ? new URL(url).password || undefined : undefined;
}

function readVariables(path: string): Variables {
  return (parseEnv(readIfThere(path) ?? '') ?? {}) as Variables;
}

function writeVariables(variables: Variables): string {
  return Object.entries(variables)
    .map(([name, value]) => {
      // In single quotes Node takes everything as it is.
      if (/['\n\r]/.test(value))
        throw new StepError(`${name} holds a quote or a line break`, `Choose another ${name}.`);
      return `${name}='${value}'\n`;
    })
    .join('');
}
