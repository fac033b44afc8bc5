/** The environment of the console-proxy (docs/architecture.md), parsed once at its entry. */
import { z } from 'zod';
import { parseEnvironment, variables } from '../server/config.ts';

const environment = z.object({
  ...variables.shared,
  DATABASE_URL: variables.databaseUrl,
  TSUBO_ORIGIN: variables.origin,
  TSUBO_CONSOLE_PORT: variables.port.default(3300),
  TSUBO_PKI: variables.absolute.optional(),
});

export type ProxyConfig = {
  databaseUrl: string;
  origin: string;
  port: number;
  /** Folder with the CA's and the proxy's own certificate. */
  pkiDir: string;
  logLevel: string;
};

/** @throws Error whose message names the variable and says what is wrong with it */
export function parseProxyConfig(env: Record<string, string | undefined>): ProxyConfig {
  const e = parseEnvironment(environment, env);
  return {
    databaseUrl: e.DATABASE_URL,
    origin: e.TSUBO_ORIGIN,
    port: e.TSUBO_CONSOLE_PORT,
    pkiDir: e.TSUBO_PKI ?? `${e.TSUBO_DATA}/pki`,
    logLevel: e.TSUBO_LOG_LEVEL,
  };
}
