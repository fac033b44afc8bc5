/**
 * A connection that comes back: opened, prepared, watched, and when it breaks opened again after a pause that doubles
 * from 250 ms to 5 s and starts over with every success.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection, type ConnectionOptions } from './connection.ts';
import { LibvirtDisconnectedError } from './errors.ts';

const RETRY_FIRST_MS = 250;
const RETRY_MAX_MS = 5_000;

export interface ManagedOptions extends ConnectionOptions {
  /** Runs on every new connection before it is given to anyone; when it rejects, the connection is thrown away. */
  prepare: (connection: Connection) => Promise<void>;
  onUp: () => void;
  onDown: (reason: Error) => void;
  onAttemptFailed: (error: Error, retryMs: number) => void;
}

export class ManagedConnection {
  readonly #options: ManagedOptions;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #current: Connection | undefined;

  constructor(options: ManagedOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  /** The connection that may be used now. Throws LibvirtDisconnectedError (nothing was sent) when there is none. */
  get current(): Connection {
    if (this.#current) return this.#current;
    throw new LibvirtDisconnectedError(
      this.#stop.signal.aborted ? 'the client is closed' : 'not connected to libvirt',
      false,
    );
  }

  get up(): boolean {
    return this.#current !== undefined;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#current?.close();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    let retryMs = RETRY_FIRST_MS;
    while (!signal.aborted) {
      try {
        const connection = await this.#open();
        retryMs = RETRY_FIRST_MS;
        this.#current = connection;
        if (signal.aborted) connection.close();
        else this.#options.onUp();
        const reason = await connection.closed;
        this.#current = undefined;
        if (!signal.aborted) this.#options.onDown(reason);
      } catch (error) {
        if (!signal.aborted) this.#options.onAttemptFailed(error as Error, retryMs);
      }
      await sleep(retryMs, undefined, { signal }).catch(() => {});
      retryMs = Math.min(retryMs * 2, RETRY_MAX_MS);
    }
  }

  async #open(): Promise<Connection> {
    const connection = await Connection.open(this.#options);
    try {
      await this.#options.prepare(connection);
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }
}
