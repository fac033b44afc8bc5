/**
 * One reader of the event table per process, fanned out in memory.
 *
 * The order is (xid, id), not id: a transaction that began early and commits late has low ids that appear
 * after higher ones were read, and a reader that went by id would never see them. So only rows of transactions
 * below the snapshot's horizon are taken: no transaction below it is still running, nothing can appear there
 * any more. Rows at or above it are committed but must wait for an older transaction; their NOTIFY is already
 * spent, so while there are such rows the hub looks again every 100 ms.
 *
 * NOTIFY only wakes. Whatever happens to the connection, the hub goes on from its cursor.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from '../log.ts';
import { type Cursor, isAfter } from './cursor.ts';

export type StoredEvent = Cursor & { accountId: string | null; subject: string; kind: string };

/** `reset`: the stream cannot say what happened meanwhile; read everything again. */
export type HubMessage = { type: 'events'; events: StoredEvent[] } | { type: 'reset'; cursor: Cursor };
export type Subscription = {
  /** Everything after this place comes to the listener. */
  from: Cursor;
  close: () => void;
};
export type EventHub = {
  /** Waits until the hub has its place in the stream. */
  subscribe: (listener: (message: HubMessage) => void) => Promise<Subscription>;
  /**
   * What lies between the two, at most `limit`; null when that is more, or `after` is not of this database, or so old
   * that what followed it may have been cleared away (always from the beginning: server/housekeeping.ts).
   */
  backlog: (after: Cursor, upTo: Cursor, limit: number) => Promise<StoredEvent[] | null>;
  close: () => Promise<void>;
};

const RELOOK_MS = 100;
/** Guards against a NOTIFY connection that died without a word. */
const SAFETY_LOOK_MS = 10_000;
const QUERY_TIMEOUT_MS = 15_000;
const BATCH = 500;

const HORIZON = 'pg_snapshot_xmin(pg_current_snapshot())::text::bigint';
const COLUMNS = '"xid", "id", "accountId", "subject", "kind"';
type Row = { xid: string; id: string; accountId: string | null; subject: string; kind: string };
const toEvent = (row: Row): StoredEvent => ({ ...row, xid: BigInt(row.xid), id: BigInt(row.id) });

/** @param url a direct connection: LISTEN does not pass a pooler in transaction mode */
export function createEventHub({ url, log }: { url: string; log: Logger }): EventHub {
  const listeners = new Set<(message: HubMessage) => void>();
  const closing = new AbortController();
  const ready = Promise.withResolvers<void>();
  let cursor: Cursor | null = null;
  let client: pg.Client | null = null;
  let wake: () => void = () => {};

  const tell = (message: HubMessage) => {
    for (const listener of listeners) listener(message);
  };

  /** Sets the place to start from, and finds a database that was restored from an older one. */
  async function orient(connection: pg.Client): Promise<void> {
    const { rows } = await connection.query<{ horizon: string; next: string }>(
      `SELECT ${HORIZON} AS horizon, pg_snapshot_xmax(pg_current_snapshot())::text AS next`,
    );
    const [horizon, next] = [BigInt(rows[0]?.horizon ?? 0), BigInt(rows[0]?.next ?? 0)];
    const isForeign = cursor !== null && cursor.xid > next;
    if (cursor !== null && !isForeign) return;
    cursor = { xid: horizon, id: 0n };
    ready.resolve();
    if (isForeign) tell({ type: 'reset', cursor });
  }

  /** @returns true while committed rows wait for an older transaction */
  async function look(connection: pg.Client): Promise<boolean> {
    while (cursor) {
      const { rows } = await connection.query<Row>(
        `SELECT ${COLUMNS} FROM "Event" WHERE ("xid", "id") > ($1, $2) AND "xid" < ${HORIZON}
         ORDER BY "xid", "id" LIMIT ${BATCH}`,
        [String(cursor.xid), String(cursor.id)],
      );
      const events = rows.map(toEvent);
      const last = events.at(-1);
      if (!last) break;
      cursor = { xid: last.xid, id: last.id };
      tell({ type: 'events', events });
    }
    const waiting = await connection.query(`SELECT FROM "Event" WHERE ("xid", "id") > ($1, $2) LIMIT 1`, [
      String(cursor?.xid ?? 0n),
      String(cursor?.id ?? 0n),
    ]);
    return waiting.rowCount !== 0;
  }

  /** Follows the table over one connection; returns when it is lost. */
  async function follow(): Promise<void> {
    const connection = new pg.Client({
      connectionString: url,
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
      // A connection that died without a word answers no question; pg then ends this one, and the next begins.
      query_timeout: QUERY_TIMEOUT_MS,
      application_name: 'tsubo-events',
    });
    let isLost = false;
    let isWoken = false;
    const lose = () => {
      isLost = true;
      wake();
    };
    connection.on('error', lose);
    connection.on('end', lose);
    connection.on('notification', () => {
      isWoken = true;
      wake();
    });
    try {
      await connection.connect();
      client = connection;
      await connection.query('LISTEN tsubo_event');
      await orient(connection);
      while (!isLost && !closing.signal.aborted) {
        isWoken = false;
        const isWaiting = await look(connection);
        if (isWoken || isLost) continue;
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, isWaiting ? RELOOK_MS : SAFETY_LOOK_MS);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
          // Between the look and this line something may have come.
          if (isWoken || isLost || closing.signal.aborted) wake();
        });
      }
    } finally {
      client = null;
      await connection.end().catch(() => {});
    }
  }

  async function run(): Promise<void> {
    let pause = 100;
    while (!closing.signal.aborted) {
      const before = cursor;
      await follow().catch((err: unknown) => log.warn({ err }, 'the event stream lost its database connection'));
      pause = cursor === before ? Math.min(pause * 2, 3_000) : 100;
      await sleep(pause, undefined, { signal: closing.signal }).catch(() => {});
    }
  }
  const running = run();

  return {
    async subscribe(listener) {
      await ready.promise;
      if (!cursor) throw new Error('the event hub is closed');
      listeners.add(listener);
      return { from: cursor, close: () => listeners.delete(listener) };
    },
    async backlog(after, upTo, limit) {
      if (!isAfter(upTo, after)) return after.xid > upTo.xid ? null : [];
      if (!client) return null;
      const place = [String(after.xid), String(after.id)];
      const { rows } = await client.query<Row>(
        `SELECT ${COLUMNS} FROM "Event" WHERE ("xid", "id") > ($1, $2) AND ("xid", "id") <= ($3, $4)
         ORDER BY "xid", "id" LIMIT ${limit + 1}`,
        [...place, String(upTo.xid), String(upTo.id)],
      );
      if (rows.length > limit) return null;
      // Asked last: an event that is there now was there, with all that followed it, at the reading.
      const older = await client.query(`SELECT FROM "Event" WHERE ("xid", "id") <= ($1, $2) LIMIT 1`, place);
      return older.rowCount === 0 ? null : rows.map(toEvent);
    },
    async close() {
      closing.abort();
      wake();
      await running;
    },
  };
}
