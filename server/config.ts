/** The environment of the control plane's processes (docs/architecture.md), parsed once at their entry. */
import { z } from 'zod';

const DAY_MS = 24 * 3_600_000;
const absolute = z.string().regex(/^\/[^\0]*$/, 'must be an absolute path');
const port = z.coerce.number().int('must be a port').min(1, 'must be a port').max(65535, 'must be a port');
const milliseconds = z.coerce.number().int('must be whole milliseconds').min(1, 'must be whole milliseconds');
const DAYS = 'must be whole days, 1 to 36500';
/** How long something is kept. */
export const days = z.coerce.number(DAYS).int(DAYS).min(1, DAYS).max(36_500, DAYS);
const databaseUrl = z
  .string('must be set')
  .regex(/^postgres(ql)?:\/\//, 'must be a PostgreSQL URL, e.g. postgresql://tsubo_app:…@127.0.0.1:54329/tsubo');

const origin = z.string('must be set').transform((text, context) => {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.origin !== text) {
    context.addIssue({ code: 'custom', message: 'must be scheme, name and port alone, e.g. http://localhost:8080' });
    return z.NEVER;
  }
  // Passkeys, Web Locks and secure cookies need TLS or the name localhost.
  if (url.protocol === 'http:' && url.hostname !== 'localhost') {
    context.addIssue({ code: 'custom', message: 'must be https, except on the name localhost' });
    return z.NEVER;
  }
  return text;
});

const shared = {
  TSUBO_DATA: absolute.default('/var/lib/tsubo'),
  TSUBO_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
};

/** The worker waits by it, and the panel says it. */
const stopTimeout = milliseconds.default(120_000);

const app = z.object({
  ...shared,
  DATABASE_URL: databaseUrl,
  TSUBO_ORIGIN: origin,
  BETTER_AUTH_SECRET: z.string('must be set').min(32, 'must be at least 32 characters long'),
  TSUBO_STOP_TIMEOUT_MS: stopTimeout,
});

const worker = z.object({
  ...shared,
  DATABASE_URL: databaseUrl,
  TSUBO_WORKER_SLOT: z.string('must be set').regex(/^[a-z0-9-]{1,40}$/, 'must be a name like worker-1'),
  TSUBO_HEALTH_PORT: port.default(3201),
  TSUBO_PKI: absolute.optional(),
  TSUBO_STOP_TIMEOUT_MS: stopTimeout,
  TSUBO_STEP_BUDGET_MS: milliseconds.default(120_000),
  TSUBO_TAKEOVER_MS: milliseconds.default(10_000),
  TSUBO_EVENTS_DAYS: days.default(7),
  TSUBO_WORKFLOWS_DAYS: days.default(30),
});

const admin = z.object({ ...shared, DATABASE_URL: databaseUrl, TSUBO_PKI: absolute.optional() });

/** @throws Error that says what it must be */
export function parseOrigin(text: string): string {
  const parsed = origin.safeParse(text);
  if (!parsed.success) throw new Error(parsed.error.issues[0]?.message);
  return parsed.data;
}

/** For the entries of other processes. */
export const variables = { shared, absolute, port, databaseUrl, origin };

type Environment = Record<string, string | undefined>;

export type AppConfig = {
  dataDir: string;
  databaseUrl: string;
  origin: string;
  authSecret: string;
  logLevel: string;
  /** How long a guest may take to answer the power button. */
  stopTimeoutMs: number;
};

/** @throws Error whose message names the variable and says what is wrong with it */
export function parseAppConfig(env: Environment): AppConfig {
  const e = parseEnvironment(app, env);
  return {
    dataDir: e.TSUBO_DATA,
    databaseUrl: e.DATABASE_URL,
    origin: e.TSUBO_ORIGIN,
    authSecret: e.BETTER_AUTH_SECRET,
    logLevel: e.TSUBO_LOG_LEVEL,
    stopTimeoutMs: e.TSUBO_STOP_TIMEOUT_MS,
  };
}

export type WorkerConfig = {
  dataDir: string;
  databaseUrl: string;
  slot: string;
  healthPort: number;
  /** Folder with ca and control-plane certificate. */
  pkiDir: string;
  logLevel: string;
  /** How long a guest may take to answer the power button. */
  stopTimeoutMs: number;
  /** How long a step asks a host again that does not answer. */
  stepBudgetMs: number;
  /** A worker slot that was silent for longer is dead: the others take over its operations. */
  takeoverMs: number;
  /** How long what nobody needs is kept (server/housekeeping.ts). */
  kept: { eventsMs: number; workflowsMs: number };
};

/** @throws as parseAppConfig */
export function parseWorkerConfig(env: Environment): WorkerConfig {
  const e = parseEnvironment(worker, env);
  return {
    dataDir: e.TSUBO_DATA,
    databaseUrl: e.DATABASE_URL,
    slot: e.TSUBO_WORKER_SLOT,
    healthPort: e.TSUBO_HEALTH_PORT,
    pkiDir: e.TSUBO_PKI ?? `${e.TSUBO_DATA}/pki`,
    logLevel: e.TSUBO_LOG_LEVEL,
    stopTimeoutMs: e.TSUBO_STOP_TIMEOUT_MS,
    stepBudgetMs: e.TSUBO_STEP_BUDGET_MS,
    takeoverMs: e.TSUBO_TAKEOVER_MS,
    kept: { eventsMs: e.TSUBO_EVENTS_DAYS * DAY_MS, workflowsMs: e.TSUBO_WORKFLOWS_DAYS * DAY_MS },
  };
}

/** What the operator's commands need: DATABASE_URL as the database's owner. @throws as parseAppConfig */
export function parseAdminConfig(env: Environment): { databaseUrl: string; pkiDir: string } {
  const e = parseEnvironment(admin, env);
  return { databaseUrl: e.DATABASE_URL, pkiDir: e.TSUBO_PKI ?? `${e.TSUBO_DATA}/pki` };
}

/** @throws Error whose message names the variable and says what is wrong with it */
export function parseEnvironment<T extends z.ZodType>(schema: T, env: Environment): z.output<T> {
  const parsed = schema.safeParse(env);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const name = String(issue?.path[0]);
  // The value itself is not repeated: it may be a secret.
  throw new Error(`The environment variable ${name} ${issue?.message}.`);
}
