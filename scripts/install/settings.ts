/**
 * What an installation is made with: the environment over what was saved by an earlier run over the defaults.
 * Saved in TSUBO_DATA/etc/installation.json (root's, 0600: it may hold a DATABASE_URL), so that a later run
 * without the variables changes nothing.
 */
import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { installationFile } from './layout.ts';
import { StepError } from './step.ts';

const port = z.coerce.number().int().min(1).max(65535);
const interfaceName = z.string().regex(/^[a-zA-Z0-9._-]{1,15}$/, 'must be an interface name');

// Bridge, addresses and the like are checked by the agent itself (compute-agent/config.ts).
const settings = z.object({
  TSUBO_PORT: port.default(8080),
  TSUBO_ORIGIN: z.url({ protocol: /^https?$/ }).optional(),
  TSUBO_TLS_CERT: z.string().startsWith('/').optional(),
  TSUBO_TLS_KEY: z.string().startsWith('/').optional(),
  TSUBO_APP_PORT: port.default(3100),
  /** The first worker's; the next one has the next. */
  TSUBO_WORKER_PORT: port.default(3201),
  TSUBO_PG_PORT: port.default(54329),
  TSUBO_AGENT_PORT: port.default(9443),
  TSUBO_AGENT_HEALTH_PORT: port.default(9444),
  /** A PostgreSQL of the operator's, as a role that may create roles. Without it Tsubo runs its own. */
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  TSUBO_BRIDGE: interfaceName.default('tsubo0'),
  TSUBO_BRIDGE_V4: z.string().default('10.77.0.1/24'),
  TSUBO_BRIDGE_V6: z.string().default('fd77:7473:7562::1/64'),
  TSUBO_BRIDGE_MAC: z.string().default('52:54:00:77:00:01'),
  TSUBO_UPLINK: z.union([interfaceName, z.literal('')]).default(''),
  TSUBO_AGENT_RUN: z.string().startsWith('/').default('/run/tsubo'),
  /** How long a guest may take to answer the power button, in ms; empty: the worker's default. */
  TSUBO_STOP_TIMEOUT_MS: z.coerce.number().int().min(1000).optional(),
  TSUBO_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info'),
});
export type Settings = z.infer<typeof settings>;

const saved = z.object({ clone: z.string(), settings: z.record(z.string(), z.unknown()) });

/** An installation that is there already: the clone that made it, and what it was made with. */
export function savedInstallation(data: string): z.infer<typeof saved> | undefined {
  const file = installationFile(data);
  if (!existsSync(file)) return undefined;
  try {
    return saved.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new StepError(`${file} cannot be read`, 'Restore it, or move the whole folder away and start anew.', {
      cause,
    });
  }
}

/** @throws StepError that names the variable */
export function readSettings(env: Record<string, string | undefined>, before: Record<string, unknown> = {}): Settings {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined));
  const result = settings.safeParse({ ...before, ...given });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const name = String(issue?.path[0]);
  throw new StepError(
    `${name}=${JSON.stringify(env[name] ?? before[name])} cannot be used: ${issue?.message}`,
    `Correct ${name}.`,
  );
}

export const originOf = (settings: Settings): string =>
  settings.TSUBO_ORIGIN ?? `http://localhost:${settings.TSUBO_PORT}`;
