/** The environment of the console-proxy (docs/architecture.md), parsed once at its entry. */
import { z } from 'zod';
import { parseEnvironment, variables } from '../server/config.ts';
import { IDLE_MS } from './contract/socket.ts';

const environment = z.object({
  ...variables.shared,
  DATABASE_URL: variables.databaseUrl,
  TSUBO_ORIGIN: variables.origin,
  TSUBO_CONSOLE_PORT: variables.port.default(3300),
  TSUBO_CONSOLE_IDLE_MINUTES: z.coerce
    .number()
    .min(0.05)
    .max(1440)
    .default(IDLE_MS / 60_000),
  /** Without it there is no SSH door. */
  TSUBO_SSH_PORT: variables.port.optional(),
  TSUBO_SSH_LISTEN: z.string().default('127.0.0.1'),
  TSUBO_SSH_KEYS: variables.absolute.optional(),
  TSUBO_PKI: variables.absolute.optional(),
});

export type ProxyConfig = {
  databaseUrl: string;
  origin: string;
  port: number;
  /** How long nobody may do anything at a console before it is closed, ms. */
  idleMs: number;
  /** Folder with the CA's and the proxy's own certificate. */
  pkiDir: string;
  /** Where the SSH door listens, and the folder with its host keys. */
  ssh: { host: string; port: number; keysDir: string } | null;
  logLevel: string;
};

/** @throws Error whose message names the variable and says what is wrong with it */
export function parseProxyConfig(env: Record<string, string | undefined>): ProxyConfig {
  const e = parseEnvironment(environment, env);
  return {
    databaseUrl: e.DATABASE_URL,
    origin: e.TSUBO_ORIGIN,
    port: e.TSUBO_CONSOLE_PORT,
    idleMs: Math.round(e.TSUBO_CONSOLE_IDLE_MINUTES * 60_000),
    pkiDir: e.TSUBO_PKI ?? `${e.TSUBO_DATA}/pki`,
    ssh: e.TSUBO_SSH_PORT
      ? { host: e.TSUBO_SSH_LISTEN, port: e.TSUBO_SSH_PORT, keysDir: e.TSUBO_SSH_KEYS ?? `${e.TSUBO_DATA}/console` }
      : null,
    logLevel: e.TSUBO_LOG_LEVEL,
  };
}
