/**
 * Two managed connections that count as one: `control` makes the calls, `events` only listens, so that hung calls can
 * delay neither events nor keepalive. The session is connected while both stand.
 */
import type { CallOptions, ConnectOptions } from './api.ts';
import { LibvirtDisconnectedError } from './errors.ts';
import { type DomainEvent, readEvent, registerEvents } from './events.ts';
import { Listeners } from './listeners.ts';
import { ManagedConnection } from './managed.ts';
import type { AnswerOf, ArgsOf, ProcedureName } from './procedures.ts';

/** One below libvirtd's default max_client_requests: the fifth slot keeps it reading our keepalive. */
const SLOTS = 4;
const QUEUE_MAX = 1_000;
const HANDSHAKE_DEADLINE_MS = 10_000;

export class Session {
  readonly onConnected: Listeners<void>;
  readonly onDisconnected: Listeners<Error>;
  readonly onEvent: Listeners<DomainEvent>;
  readonly #control: ManagedConnection;
  readonly #events: ManagedConnection;
  readonly #deadlineMs: number;
  readonly #socketPath: string;
  #connected = false;
  #closed = false;
  #lastFailure: Error | undefined;

  constructor(options: ConnectOptions) {
    const log = options.log ?? (() => {});
    const onThrown = (error: unknown) => log('warn', 'a listener of the libvirt client threw', { error });
    this.onConnected = new Listeners(onThrown);
    this.onDisconnected = new Listeners(onThrown);
    this.onEvent = new Listeners(onThrown);
    this.#deadlineMs = options.deadlineMs ?? 30_000;
    this.#socketPath = options.socketPath ?? '/run/libvirt/libvirt-sock';

    const managed = (role: 'control' | 'events') =>
      new ManagedConnection({
        socketPath: this.#socketPath,
        uri: options.uri ?? 'qemu:///system',
        handshakeDeadlineMs: HANDSHAKE_DEADLINE_MS,
        keepaliveIntervalMs: options.keepaliveIntervalMs ?? 5_000,
        slots: SLOTS,
        queueMax: QUEUE_MAX,
        prepare: async (connection) => {
          if (role === 'events') await registerEvents(connection, HANDSHAKE_DEADLINE_MS);
        },
        onMessage: (frame) => {
          const event = readEvent(frame);
          if (event) this.onEvent.emit(event);
        },
        onUp: () => {
          log('debug', 'connected to libvirt', { role });
          this.#update();
        },
        onDown: (reason) => {
          log('warn', 'connection to libvirt lost', { role, reason: reason.message });
          this.#lastFailure = reason;
          this.#update();
        },
        onAttemptFailed: (error, retryMs) => {
          log('info', 'no connection to libvirt yet', { role, reason: error.message, retryMs });
          this.#lastFailure = error;
        },
      });
    this.#events = managed('events');
    this.#control = managed('control');
  }

  get connected(): boolean {
    return this.#connected;
  }

  async call<N extends ProcedureName>(name: N, args: ArgsOf<N>, options?: CallOptions): Promise<AnswerOf<N>> {
    return this.#control.current.call(name, args, options?.deadlineMs ?? this.#deadlineMs);
  }

  /** Resolves at once when connected. */
  async ready(timeoutMs: number): Promise<void> {
    if (this.#closed) throw new LibvirtDisconnectedError('the client is closed', false);
    if (this.#connected) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      const why = this.#lastFailure ? `: ${this.#lastFailure.message}` : '';
      reject(
        new LibvirtDisconnectedError(
          `no connection to ${this.#socketPath} within ${timeoutMs} ms${why}`,
          false,
          this.#lastFailure,
        ),
      );
    }, timeoutMs);
    const forget = this.onConnected.add(resolve);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      forget();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#connected = false;
    await Promise.all([this.#control.close(), this.#events.close()]);
  }

  #update(): void {
    const connected = this.#control.up && this.#events.up;
    if (connected === this.#connected) return;
    this.#connected = connected;
    if (connected) this.onConnected.emit();
    else this.onDisconnected.emit(this.#lastFailure ?? new LibvirtDisconnectedError('not connected to libvirt', false));
  }
}
