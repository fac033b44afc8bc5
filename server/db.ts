/** The database client. One per process, made at its entry and handed on in `Deps`. */
import { PrismaPg } from '@prisma/adapter-pg';
import { type Prisma, PrismaClient } from './generated/prisma/client.ts';

export type Db = PrismaClient;
/** Inside `db.$transaction(async (tx) => …)`. */
export type Tx = Prisma.TransactionClient;

/**
 * @param url that of the process's own database user
 * @param options.max connections at most
 * @param options.onError told when an idle connection dies (PostgreSQL restarted); the pool replaces it
 */
export function createDb(url: string, options: { max?: number; onError?: (error: Error) => void } = {}): Db {
  const onError = options.onError ?? (() => {});
  const adapter = new PrismaPg(
    {
      connectionString: url,
      max: options.max ?? 10,
      connectionTimeoutMillis: 5_000,
      // Times are stored without zone, in UTC. A process that is frozen inside a transaction (SIGSTOP, a lost
      // machine) would hold back its locks and every reader of events: the server ends it.
      options: '-c TimeZone=UTC -c idle_in_transaction_session_timeout=5000 -c statement_timeout=15000',
    },
    { onPoolError: onError, onConnectionError: onError },
  );
  return new PrismaClient({ adapter, transactionOptions: { maxWait: 5_000, timeout: 5_000 } });
}
