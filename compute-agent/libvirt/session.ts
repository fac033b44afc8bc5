/**
 * Three managed connections that count as one: `control` asks and makes short calls, `work` makes those that may take
 * long, `events` only listens. So hung calls delay neither events nor keepalive, and a host that starts guests still
 * answers what it is asked. The session is connected while all of them stand. Streams have connections of their own.
 */
import type { Readable, Writable } from 'node:stream';
import type { CallOptions, ConnectOptions } from './api.ts';
import { LibvirtDisconnectedError } from './errors.ts';
import { type DomainEvent, readEvent, registerEvents } from './events.ts';
import { Listeners } from './listeners.ts';
import { ManagedConnection } from './managed.ts';
import type { AnswerOf, ArgsOf, ProcedureName } from './procedures.ts';
import type { StreamTarget } from './streams.ts';

/** One below libvirtd's default max_client_requests: the fifth slot keeps it reading our keepalive. */
const SLOTS = 4;
/** They wait for QEMU, for a disk, for the rules of every guest, or for what runs inside the guest. */
const LONG: ReadonlySet<ProcedureName> = new Set([
  'domainCreateWithFlags',
  'domainDestroyFlags',
  'domainManagedSave',
  'domainAttachDeviceFlags',
  'domainDetachDeviceFlags',
  'domainUpdateDeviceFlags',
  'domainUndefineFlags',
  'domainDefineXmlFlags',
  'qemuDomainMonitorCommand',
  'qemuDomainAgentCommand',
  'nwfilterDefineXml',
  'nwfilterUndefine',
  'storagePoolCreate',
  'storagePoolRefresh',
  'storageVolCreateXml',
  'storageVolDelete',
]);
const QUEUE_MAX = 1_000;
const HANDSHAKE_DEADLINE_MS = 10_000;

export class Session {
  readonly onConnected: Listeners<void>;
  readonly onDisconnected: Listeners<Error>;
  readonly onEvent: Listeners<DomainEvent>;
  readonly #control: ManagedConnection;
  readonly #work: ManagedConnection;
  readonly #events: ManagedConnection;
  readonly #deadlineMs: number;
  readonly #socketPath: string;
  readonly #uri: string;
  readonly #streams = new Set<Readable | Writable>();
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
    this.#uri = options.uri ?? 'qemu:///system';

    const managed = (role: 'control' | 'work' | 'events') =>
      new ManagedConnection({
        socketPath: this.#socketPath,
        uri: this.#uri,
        handshakeDeadlineMs: HANDSHAKE_DEADLINE_MS,
        keepaliveIntervalMs: options.keepaliveIntervalMs ?? 5_000,
        slots: options.inFlight ?? SLOTS,
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
    this.#work = managed('work');
  }

  get connected(): boolean {
    return this.#connected;
  }

  async call<N extends ProcedureName>(name: N, args: ArgsOf<N>, options?: CallOptions): Promise<AnswerOf<N>> {
    const { current } = LONG.has(name) ? this.#work : this.#control;
    return current.call(name, args, options?.deadlineMs ?? this.#deadlineMs);
  }

  /** `open` gets where to connect, and its stream ends with the session. */
  async stream<S extends { stream: Readable | Writable }>(
    open: (target: StreamTarget) => Promise<S>,
    options?: CallOptions,
  ): Promise<S> {
    this.#refuseClosed();
    const opened = await open({
      socketPath: this.#socketPath,
      uri: this.#uri,
      handshakeDeadlineMs: HANDSHAKE_DEADLINE_MS,
      deadlineMs: options?.deadlineMs ?? this.#deadlineMs,
    });
    const { stream } = opened;
    this.#streams.add(stream);
    stream.once('close', () => this.#streams.delete(stream));
    // It was closed while the stream was opened.
    if (this.#closed) stream.destroy(new LibvirtDisconnectedError('the client is closed', true));
    return opened;
  }

  /** Resolves at once when connected. */
  async ready(timeoutMs: number): Promise<void> {
    this.#refuseClosed();
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
    for (const stream of this.#streams) stream.destroy(new LibvirtDisconnectedError('the client is closed', true));
    await Promise.all([this.#control, this.#work, this.#events].map((each) => each.close()));
  }

  #refuseClosed(): void {
    if (this.#closed) throw new LibvirtDisconnectedError('the client is closed', false);
  }

  #update(): void {
    const connected = [this.#control, this.#work, this.#events].every(({ up }) => up);
    if (connected === this.#connected) return;
    this.#connected = connected;
    if (connected) this.onConnected.emit();
    else this.onDisconnected.emit(this.#lastFailure ?? new LibvirtDisconnectedError('not connected to libvirt', false));
  }
}
