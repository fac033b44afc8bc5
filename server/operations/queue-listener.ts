/**
 * Wakes a worker when an operation is put into the queue. NOTIFY only wakes: whatever happens to it or to its
 * connection, the poll finds the operation a little later.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from '../log.ts';
import { QUEUE_CHANNEL } from './request.ts';

/** A worker that is full has a free place again soon, and no NOTIFY says when. */
const FULL_MS = 250;
const PAUSE_FIRST_MS = 250;
const PAUSE_LAST_MS = 5_000;

type Listening = {
  /** A direct connection: LISTEN does not pass a pooler in transaction mode. */
  url: string;
  log: Logger;
  /**
   * Never called while it runs; once more afterwards when something came meanwhile.
   * @returns whether there may be more that this worker cannot take now
   */
  look: () => Promise<boolean>;
  signal: AbortSignal;
};

/** Until `signal`; never throws. A look that runs then is waited for. */
export async function listenToQueue({ url, log, look, signal }: Listening): Promise<void> {
  let wanted = false;
  let looking: Promise<void> | undefined;
  const wake = () => {
    wanted = true;
    looking ??= (async () => {
      while (wanted && !signal.aborted) {
        wanted = false;
        try {
          if (!(await look())) continue;
          wanted = true;
          await sleep(FULL_MS, undefined, { signal });
        } catch (err) {
          if (!signal.aborted) log.warn({ err }, 'queue: a look failed');
        }
      }
      looking = undefined;
    })();
  };
  for (let pause = PAUSE_FIRST_MS; !signal.aborted; pause = Math.min(pause * 2, PAUSE_LAST_MS)) {
    await listenOnce(url, signal, () => {
      pause = PAUSE_FIRST_MS;
      wake();
    }).catch((err: unknown) => log.warn({ err }, 'queue: not listening, only polling'));
    await sleep(pause, undefined, { signal }).catch(() => {});
  }
  await looking;
}

/**
 * Over one connection, until it is lost or `signal`. `wake` is called at once too: for what came before.
 * @throws when it is lost
 */
async function listenOnce(url: string, signal: AbortSignal, wake: () => void): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    keepAlive: true,
    connectionTimeoutMillis: 5_000,
    application_name: 'tsubo-queue',
  });
  const lost = Promise.withResolvers<void>();
  // Also when nobody waits for it yet: its rejection is that of connect() or LISTEN then.
  lost.promise.catch(() => {});
  const onAbort = () => lost.resolve();
  signal.addEventListener('abort', onAbort, { once: true });
  client.on('error', lost.reject);
  client.on('end', () => lost.reject(new Error('the connection ended')));
  client.on('notification', wake);
  try {
    await client.connect();
    await client.query(`LISTEN ${QUEUE_CHANNEL}`);
    wake();
    await lost.promise;
  } finally {
    signal.removeEventListener('abort', onAbort);
    await client.end().catch(() => {});
  }
}
