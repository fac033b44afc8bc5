/**
 * One connection to libvirtd: socket, handshake, calls, keepalive, messages. It lives once: when it breaks, `closed`
 * resolves with the reason and a new one must be opened (managed.ts does that).
 *
 * Handshake: which authentication (root's local socket asks for none), whether the daemon speaks the keepalive program
 * (asking makes it start its own pings), then open the hypervisor.
 */
import { connect as connectSocket, type Socket } from 'node:net';
import { Calls } from './calls.ts';
import { LibvirtDisconnectedError, LibvirtProtocolError } from './errors.ts';
import { encodeFrame, type Frame, FrameReader, MessageStatus, MessageType, Program } from './frames.ts';
import type { AnswerOf, ArgsOf, ProcedureName } from './procedures.ts';

const AUTH_NONE = 0;
/** VIR_DRV_FEATURE_PROGRAM_KEEPALIVE. */
const FEATURE_KEEPALIVE = 10;
const KeepaliveProcedure = { ping: 1, pong: 2 } as const;
/** As many silent intervals as libvirt's own client allows. */
const SILENT_INTERVALS_MAX = 5;

export interface ConnectionOptions {
  socketPath: string;
  uri: string;
  /** For each step of the handshake, in milliseconds. */
  handshakeDeadlineMs: number;
  /** Null: the daemon is not asked for pings, and sends none. They would go unanswered while this side reads nothing. */
  keepaliveIntervalMs: number | null;
  slots: number;
  queueMax: number;
  /** Messages of the program `remote`, i.e. events. Throws LibvirtProtocolError when it cannot read one. */
  onMessage: (frame: Frame) => void;
  /** Packets of a stream. Throws LibvirtProtocolError when they belong to none. */
  onStream?: (frame: Frame) => void;
}

export class Connection {
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #frames = new FrameReader();
  readonly #calls: Calls;
  readonly #ended = Promise.withResolvers<Error>();
  #over = false;
  #keepalive: NodeJS.Timeout | undefined;
  #silentIntervals = 0;

  private constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#socket = connectSocket(options.socketPath);
    this.#calls = new Calls({
      slots: options.slots,
      queueMax: options.queueMax,
      send: (frame) => this.#socket.write(frame),
      stuck: () => this.#end('libvirt answers none of the calls that this connection may have under way'),
    });
    this.#socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    this.#socket.on('error', (error) => this.#end(`connection to libvirt failed: ${error.message}`, error));
    this.#socket.on('close', () => this.#end('libvirt closed the connection'));
  }

  /** Rejects with LibvirtDisconnectedError, LibvirtTimeoutError, LibvirtProtocolError or the daemon's LibvirtError. */
  static async open(options: ConnectionOptions): Promise<Connection> {
    const connection = new Connection(options);
    try {
      await connection.#handshake();
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** Resolves, with the reason, when the connection is over. */
  get closed(): Promise<Error> {
    return this.#ended.promise;
  }

  call<N extends ProcedureName>(
    name: N,
    args: ArgsOf<N>,
    deadlineMs: number,
    onSent?: (serial: number) => void,
  ): Promise<AnswerOf<N>> {
    return this.#calls.call(name, args, deadlineMs, onSent);
  }

  /** For packets of a stream. `flushed` runs when the kernel has taken them: backpressure. Nothing happens once it is over. */
  write(packet: Buffer, flushed?: () => void): void {
    if (!this.#over) this.#socket.write(packet, (error) => error || flushed?.());
  }

  /** Reads nothing until `resume`: only for a connection that nothing else shares. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#end('the connection was closed by this side');
  }

  async #handshake(): Promise<void> {
    const { uri, handshakeDeadlineMs, keepaliveIntervalMs } = this.#options;
    const { types } = await this.call('authList', undefined, handshakeDeadlineMs);
    if (!types.includes(AUTH_NONE)) {
      throw new LibvirtProtocolError(
        `libvirt asks for authentication (types ${types}); only root's local socket works`,
      );
    }
    const alive = keepaliveIntervalMs !== null && (await this.#supportsKeepalive());
    await this.call('connectOpen', { name: uri, flags: 0 }, handshakeDeadlineMs);
    if (alive) this.#startKeepalive(keepaliveIntervalMs);
  }

  async #supportsKeepalive(): Promise<boolean> {
    const feature = { feature: FEATURE_KEEPALIVE };
    return (await this.call('connectSupportsFeature', feature, this.#options.handshakeDeadlineMs)).supported !== 0;
  }

  #receive(chunk: Buffer): void {
    this.#silentIntervals = 0;
    try {
      for (const frame of this.#frames.push(chunk)) {
        if (this.#over) return;
        this.#dispatch(frame);
      }
    } catch (error) {
      if (!(error instanceof LibvirtProtocolError)) throw error;
      this.#end(`libvirt sent what is not its protocol: ${error.message}`, error);
    }
  }

  #dispatch(frame: Frame): void {
    if (frame.program === Program.keepalive) {
      if (frame.procedure === KeepaliveProcedure.ping) this.#sendKeepalive(KeepaliveProcedure.pong);
    } else if (frame.type === MessageType.message) {
      if (frame.program === Program.remote) this.#options.onMessage(frame);
    } else if (frame.type === MessageType.stream && this.#options.onStream) {
      this.#options.onStream(frame);
    } else {
      this.#calls.receive(frame);
    }
  }

  #startKeepalive(keepaliveIntervalMs: number): void {
    this.#keepalive = setInterval(() => {
      if (this.#silentIntervals >= SILENT_INTERVALS_MAX) {
        this.#end(`nothing came from libvirt for ${SILENT_INTERVALS_MAX * keepaliveIntervalMs} ms`);
        return;
      }
      this.#silentIntervals++;
      this.#sendKeepalive(KeepaliveProcedure.ping);
    }, keepaliveIntervalMs);
    this.#keepalive.unref();
  }

  #sendKeepalive(procedure: number): void {
    this.#socket.write(
      encodeFrame(
        {
          program: Program.keepalive,
          version: 1,
          procedure,
          type: MessageType.message,
          serial: 0,
          status: MessageStatus.ok,
        },
        new Uint8Array(0),
      ),
    );
  }

  #end(message: string, cause?: Error): void {
    if (this.#over) return;
    this.#over = true;
    clearInterval(this.#keepalive);
    this.#socket.destroy();
    this.#calls.fail(message, cause);
    this.#ended.resolve(new LibvirtDisconnectedError(message, false, cause));
  }
}
