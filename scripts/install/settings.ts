/**
 * What an installation is made with: the environment over what was saved by an earlier run over the defaults.
 * Saved in TSUBO_DATA/etc/installation.json (root's, 0600: it may hold a DATABASE_URL), so that a later run
 * without the variables changes nothing.
 */
import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { parseConfig } from '../../compute-agent/config.ts';
import { days, parseOrigin } from '../../server/config.ts';
import { readIfThere } from './files.ts';
import { installationFile } from './layout.ts';
import { StepError } from './step.ts';

const PORT = 'must be a port, 1 to 65535';
const port = z.coerce.number(PORT).int(PORT).min(1, PORT).max(65535, PORT);
const interfaceName = z.string().regex(/^[a-zA-Z0-9._-]{1,15}$/, 'must be an interface name');
const file = z.string().startsWith('/', 'must be an absolute path');

const settings = z.object({
  TSUBO_PORT: port.default(8080),
  TSUBO_ORIGIN: z.url({ protocol: /^https?$/, error: 'must be like https://panel.example' }).optional(),
  TSUBO_TLS_CERT: file.optional(),
  TSUBO_TLS_KEY: file.optional(),
  TSUBO_APP_PORT: port.default(3100),
  /** The first worker's; the next one has the next. */
  TSUBO_WORKER_PORT: port.default(3201),
  TSUBO_CONSOLE_PORT: port.default(3300),
  TSUBO_CONSOLE_IDLE_MINUTES: z.coerce.number().min(0.05).max(1440).optional(),
  /** The SSH door's: on the loopback, or for all where the panel is. */
  TSUBO_SSH_PORT: port.default(2222),
  TSUBO_PG_PORT: port.default(54329),
  TSUBO_AGENT_PORT: port.default(9443),
  TSUBO_AGENT_HEALTH_PORT: port.default(9444),
  /** A PostgreSQL of the operator's, as a role that may create roles. Without it Tsubo runs its own. */
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: 'must be like postgresql://role:password@host:5432/tsubo' })
    .refine((url) => !URL.canParse(url) || new URL(url).pathname.length > 1, 'names no database')
    .optional(),
  TSUBO_BRIDGE: interfaceName.default('tsubo0'),
  TSUBO_BRIDGE_V4: z.string().default('10.77.0.1/24'),
  TSUBO_BRIDGE_V6: z.string().default('fd77:7473:7562::1/64'),
  TSUBO_BRIDGE_MAC: z.string().default('52:54:00:77:00:01'),
  /** TCP port of the public panel on this host, which guests may reach; unset: nginx's, where it listens for all. */
  TSUBO_PANEL_PORT: z.union([z.literal('none'), port]).optional(),
  TSUBO_UPLINK: z.union([interfaceName, z.literal('')]).default(''),
  TSUBO_AGENT_RUN: file.default('/run/tsubo'),
  /** How long a guest may take to answer the power button, in ms; empty: the worker's default. */
  TSUBO_STOP_TIMEOUT_MS: z.coerce.number().int().min(1000).optional(),
  /** How long what nobody needs is kept (server/housekeeping.ts); unset: the worker's default. */
  TSUBO_EVENTS_DAYS: days.optional(),
  TSUBO_WORKFLOWS_DAYS: days.optional(),
  /** all: quickstart builds the images that take minutes in the background; none: somebody else offers them. */
  TSUBO_BUILD_IMAGES: z.enum(['all', 'none'], 'must be all or none').default('all'),
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
  const result = settings.safeParse({ ...before, ...portOfOrigin(env, before), ...given });
  if (result.success) {
    requireSense(result.data);
    return result.data;
  }
  const [issue] = result.error.issues;
  const name = String(issue?.path[0]);
  throw new StepError(
    // A DATABASE_URL holds a password.
    `${name}${name === 'DATABASE_URL' ? '' : `=${JSON.stringify(env[name] ?? before[name])}`} cannot be used: ${issue?.message}.`,
    `Correct ${name}.`,
  );
}

export const originOf = (settings: Settings): string =>
  settings.TSUBO_ORIGIN ?? `http://localhost:${settings.TSUBO_PORT}`;

/** Without a port of its own nginx listens on the one that the origin names. */
function portOfOrigin(
  { TSUBO_ORIGIN: origin }: Record<string, string | undefined>,
  before: Record<string, unknown>,
): { TSUBO_PORT?: string } {
  const isNew = origin !== undefined && origin !== before.TSUBO_ORIGIN && URL.canParse(origin);
  const named = isNew ? new URL(origin).port : '';
  return named ? { TSUBO_PORT: named } : {};
}

/** What is wrong only beside something else. */
function requireSense(settings: Settings): void {
  const wrong = (sentence: string, advice: string) => {
    throw new StepError(sentence, advice);
  };
  const { TSUBO_ORIGIN: origin, TSUBO_TLS_CERT: certificate, TSUBO_TLS_KEY: key } = settings;
  try {
    parseOrigin(originOf(settings));
  } catch (error) {
    wrong(`TSUBO_ORIGIN=${origin} cannot be used: it ${(error as Error).message}.`, 'Correct TSUBO_ORIGIN.');
  }
  if ((certificate === undefined) !== (key === undefined))
    wrong('TSUBO_TLS_CERT and TSUBO_TLS_KEY belong together, and one is missing.', 'Set both, or neither.');
  for (const [name, path] of Object.entries({ TSUBO_TLS_CERT: certificate, TSUBO_TLS_KEY: key }))
    if (path !== undefined && !existsSync(path)) wrong(`${name}=${path}: there is no such file.`, `Correct ${name}.`);
  if (certificate !== undefined && !originOf(settings).startsWith('https:'))
    wrong('TSUBO_TLS_CERT is set, but the origin is not https.', 'Set TSUBO_ORIGIN=https://NAME.');
  const lowest = Number(readIfThere('/proc/sys/net/ipv4/ip_unprivileged_port_start') ?? 1024);
  if (settings.TSUBO_PORT < lowest)
    wrong(
      `TSUBO_PORT=${settings.TSUBO_PORT}: nginx runs as tsubo-web, which may not take ports below ${lowest}.`,
      'Choose another one and redirect to it (docs/operating.md, "A name of its own").',
    );
  const seen = new Map<number, string>();
  for (const [name, value] of Object.entries(portsOf(settings))) {
    const other = seen.get(value);
    if (other) wrong(`${name} and ${other} are both ${value}.`, `Choose another ${name}.`);
    seen.set(value, name);
  }
  try {
    parseConfig(agentVariables(settings));
  } catch (error) {
    wrong((error as Error).message, 'Correct that variable.');
  }
}

/** The ports that it takes, by the variable that names each. */
export function portsOf(settings: Settings): Record<string, number> {
  const { TSUBO_PORT, TSUBO_APP_PORT, TSUBO_WORKER_PORT, TSUBO_CONSOLE_PORT, TSUBO_SSH_PORT } = settings;
  const { TSUBO_AGENT_PORT, TSUBO_AGENT_HEALTH_PORT } = settings;
  return {
    TSUBO_PORT,
    TSUBO_APP_PORT,
    TSUBO_WORKER_PORT,
    'TSUBO_WORKER_PORT + 1': TSUBO_WORKER_PORT + 1,
    TSUBO_CONSOLE_PORT,
    TSUBO_SSH_PORT,
    ...(settings.DATABASE_URL ? {} : { TSUBO_PG_PORT: settings.TSUBO_PG_PORT }),
    TSUBO_AGENT_PORT,
    TSUBO_AGENT_HEALTH_PORT,
  };
}

function panelPort({ TSUBO_PANEL_PORT: given, ...settings }: Settings): string {
  if (given !== undefined) return given === 'none' ? '' : String(given);
  return originOf(settings).startsWith('https:') ? String(settings.TSUBO_PORT) : '';
}

/** What the agent is told of it. */
export const agentVariables = (settings: Settings): Record<string, string> => ({
  TSUBO_AGENT_RUN: settings.TSUBO_AGENT_RUN,
  TSUBO_AGENT_LISTEN: `127.0.0.1:${settings.TSUBO_AGENT_PORT}`,
  TSUBO_BRIDGE: settings.TSUBO_BRIDGE,
  TSUBO_BRIDGE_V4: settings.TSUBO_BRIDGE_V4,
  TSUBO_BRIDGE_V6: settings.TSUBO_BRIDGE_V6,
  TSUBO_BRIDGE_MAC: settings.TSUBO_BRIDGE_MAC,
  TSUBO_PANEL_PORT: panelPort(settings),
  TSUBO_UPLINK: settings.TSUBO_UPLINK,
});

const NAMES: ReadonlySet<string> = new Set([...Object.keys(settings.shape), 'TSUBO_DATA', 'TSUBO_CACHE']);

/** Names that look like settings and are none: a typing error changes nothing, and nobody would see it. */
export const unknownSettings = (env: Record<string, string | undefined>): string[] =>
  Object.keys(env).filter((name) => name.startsWith('TSUBO_') && !NAMES.has(name));
