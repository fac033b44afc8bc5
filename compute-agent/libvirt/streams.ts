/**
 * Streams as Node's own: a download is a Readable, an upload a Writable, so `pipeline` does the rest.
 *
 * Each has a connection of its own. While a reader is slow nothing is read from its socket, and libvirtd then sends no
 * more than the socket holds; on a shared connection that would stop the answers of other calls, for ever if one of
 * them is what the reader waits for. The connection has no keepalive either: a side that does not read cannot answer
 * pings. Instead the stream's own deadline finds a daemon that has gone silent.
 */
import { Readable, Writable } from 'node:stream';
import { Connection, type ConnectionOptions } from './connection.ts';
import { LibvirtDisconnectedError, LibvirtProtocolError, LibvirtTimeoutError } from './errors.ts';
import type { AnswerOf, ArgsOf, ProcedureName } from './procedures.ts';
import { STREAM_PAYLOAD_MAX, type StreamDirection, type StreamEvent, StreamMachine } from './stream-machine.ts';

/** What a reader may be behind before the socket is left alone, and a writer before it is told to wait. */
const HIGH_WATER_BYTES = 1024 * 1024;

export type StreamTarget = Pick<ConnectionOptions, 'socketPath' | 'uri' | 'handshakeDeadlineMs'> & {
  deadlineMs: number;
};

type Procedure = 'domainScreenshot' | 'storageVolDownload' | 'storageVolUpload';
type Asked<N extends Procedure> = { name: N; args: ArgsOf<N> };

export async function openDownload<N extends Procedure>(
  target: StreamTarget,
  asked: Asked<N>,
): Promise<{ answer: AnswerOf<N>; stream: Readable }> {
  const wire = new Wire(target, asked.name, 'download');
  const answer = await wire.open(asked);
  return { answer, stream: new Download(wire) };
}

export async function openUpload<N extends Procedure>(
  target: StreamTarget,
  asked: Asked<N>,
): Promise<{ stream: Writable }> {
  const wire = new Wire(target, asked.name, 'upload');
  await wire.open(asked);
  return { stream: new Upload(wire) };
}

/** One stream on one connection, with its deadline. */
class Wire {
  readonly #target: StreamTarget;
  readonly #name: ProcedureName;
  readonly #direction: StreamDirection;
  #connection: Connection | undefined;
  #machine: StreamMachine | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** What came before there was a stream to give it to. */
  #early: (StreamEvent | Error)[] = [];
  #listener: ((event: StreamEvent | Error) => void) | undefined;
  #closed = false;

  constructor(target: StreamTarget, name: ProcedureName, direction: StreamDirection) {
    this.#target = target;
    this.#name = name;
    this.#direction = direction;
  }

  async open<N extends Procedure>({ name, args }: Asked<N>): Promise<AnswerOf<N>> {
    const { deadlineMs } = this.#target;
    const connection = await this.#connect();
    this.#connection = connection;
    try {
      const answer = await connection.call(name, args, deadlineMs, (serial) => {
        this.#machine = new StreamMachine(name, this.#direction, serial);
      });
      void connection.closed.then((reason) => {
        if (this.#machine?.over !== true) this.#tell(this.#broken(reason));
      });
      return answer;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** From here on events come to `listener`, each at most once; an Error is the last. */
  listen(listener: (event: StreamEvent | Error) => void): void {
    this.#listener = listener;
    for (const event of this.#early.splice(0)) listener(event);
  }

  send(bytes: Uint8Array, flushed: () => void): void {
    if (this.#machine && !this.#machine.over) this.#connection?.write(this.#machine.data(bytes), flushed);
  }

  finish(): void {
    if (this.#machine && !this.#machine.over) this.#connection?.write(this.#machine.finish());
  }

  pause(): void {
    this.unexpect();
    this.#connection?.pause();
  }

  resume(): void {
    this.expect();
    this.#connection?.resume();
  }

  /** Something has to happen within the deadline from now on. */
  expect(): void {
    if (this.#closed) return;
    if (this.#timer) this.#timer.refresh();
    else {
      const { deadlineMs } = this.#target;
      this.#timer = setTimeout(() => this.#tell(new LibvirtTimeoutError(this.#name, deadlineMs, true)), deadlineMs);
    }
  }

  unexpect(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Says goodbye where the stream is not over: the daemon frees its end at the packet, or at the socket's end. */
  close(): void {
    this.#closed = true;
    this.unexpect();
    this.#listener = () => {};
    const goodbye = this.#machine?.abort();
    if (goodbye) this.#connection?.write(goodbye);
    this.#connection?.close();
  }

  async #connect(): Promise<Connection> {
    const { socketPath, uri, handshakeDeadlineMs } = this.#target;
    try {
      return await Connection.open({
        socketPath,
        uri,
        handshakeDeadlineMs,
        keepaliveIntervalMs: null,
        slots: 1,
        queueMax: 1,
        onMessage: () => {},
        onStream: (frame) => {
          if (!this.#machine) throw new LibvirtProtocolError('a stream that nobody opened');
          this.#tell(this.#machine.receive(frame));
        },
      });
    } catch (error) {
      // Only the handshake was under way: the call itself was never sent.
      if (error instanceof LibvirtTimeoutError) throw new LibvirtTimeoutError(this.#name, error.deadlineMs, false);
      if (error instanceof LibvirtDisconnectedError) {
        throw new LibvirtDisconnectedError(`${this.#name}: ${error.message}`, false, error.cause);
      }
      throw error;
    }
  }

  #tell(event: StreamEvent | Error): void {
    if (this.#listener) this.#listener(event);
    else this.#early.push(event);
  }

  #broken(reason: Error): LibvirtDisconnectedError {
    return new LibvirtDisconnectedError(`${this.#name}: ${reason.message}`, true, reason.cause);
  }
}

class Download extends Readable {
  readonly #wire: Wire;

  constructor(wire: Wire) {
    super({ highWaterMark: HIGH_WATER_BYTES });
    this.#wire = wire;
    wire.listen((event) => this.#take(event));
  }

  override _read(): void {
    this.#wire.resume();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#wire.close();
    done(error);
  }

  #take(event: StreamEvent | Error): void {
    if (event instanceof Error) this.destroy(event);
    else if (event.kind === 'failed') this.destroy(event.error);
    else if (event.kind === 'data') {
      this.#wire.expect();
      if (!this.push(event.bytes)) this.#wire.pause();
    } else if (event.kind === 'end') {
      this.#wire.finish();
      this.#wire.resume();
    } else {
      this.#wire.close();
      this.push(null);
    }
  }
}

class Upload extends Writable {
  readonly #wire: Wire;
  #finished: (() => void) | undefined;

  constructor(wire: Wire) {
    super({ highWaterMark: HIGH_WATER_BYTES, decodeStrings: true });
    this.#wire = wire;
    wire.listen((event) => this.#take(event));
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const piece = chunk.subarray(0, STREAM_PAYLOAD_MAX);
    if (piece.length === 0) {
      done();
      return;
    }
    this.#wire.expect();
    this.#wire.send(piece, () => {
      this.#wire.unexpect();
      if (piece.length === chunk.length) done();
      else this._write(chunk.subarray(piece.length), _encoding, done);
    });
  }

  /** So 'finish' and `pipeline` say that libvirt has written it, not that it was sent. */
  override _final(done: () => void): void {
    this.#finished = done;
    this.#wire.expect();
    this.#wire.finish();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#wire.close();
    done(error);
  }

  #take(event: StreamEvent | Error): void {
    if (event instanceof Error) this.destroy(event);
    else if (event.kind === 'failed') this.destroy(event.error);
    else if (event.kind === 'finished') {
      this.#wire.close();
      this.#finished?.();
    }
  }
}
