/** The proxy's connections to PostgreSQL, as tsubo_proxy. */
import { DatabaseError, Pool } from 'pg';
import type { Logger } from '../server/log.ts';

export function createPool(connectionString: string, log: Logger): Pool {
  const pool = new Pool({
    connectionString,
    max: 10,
    connectionTimeoutMillis: 5_000,
    options: '-c TimeZone=UTC -c idle_in_transaction_session_timeout=5000 -c statement_timeout=5000',
  });
  pool.on('error', (err) => log.warn({ err }, 'console-proxy: a database connection ended'));
  return pool;
}

/** Whether it went away, or has no room: another time it answers. Anything else that fails is a defect. */
export function isLost(error: unknown): boolean {
  // Shutting down or starting up; out of resources; its end of a connection.
  if (error instanceof DatabaseError) return /^(57P0|53|08)/.test(error.code ?? '');
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^E[A-Z]+$/.test(code) || /timeout|terminated|closed/i.test(error instanceof Error ? error.message : '');
}
