/**
 * What is typed, on its way to a guest's serial port. QEMU serves one client of the port's socket at a time. What such
 * a client does not take at once it writes into the log, and into the log again when it tries again, so bytes are
 * doubled there (seen with 7.2; some 277 single bytes fill the socket). So no connection is held: each piece of input
 * has its own, which is half-closed behind it and ends when the guest has taken it, before there is much of an answer.
 * A piece is short enough that its own echo fits into the socket. What comes that way is dropped: it is in the log.
 */
import type { Socket } from 'node:net';
import type { Logger } from '../log.ts';
import { connectOwned } from './sockets.ts';

/** Of what the guest has not taken yet. */
const WAITING_BYTES_MAX = 1_048_576;
/** What a piece costs besides its bytes. */
const PIECE_BYTES = 128;
/** Half of what fills QEMU's socket. */
const SENT_BYTES = 128;
/** A guest that starts opens its socket in a moment. */
const RETRY_MS = 250;

const dropped = Buffer.allocUnsafeSlow(65_536);

interface PortInputOptions {
  path: string;
  owner: number;
  log: Logger;
  /** The port began to take input, or does no more. */
  onChange: () => void;
}

export class PortInput {
  readonly #options: PortInputOptions;
  readonly #queue: Buffer[] = [];
  #waiting = 0;
  #works = true;
  #busy = false;
  #socket: Socket | null = null;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: PortInputOptions) {
    this.#options = options;
    // Whether it is there at all is known before somebody types.
    void this.#send(null);
  }

  /** Whether what is written reaches the port, as far as it is known. */
  get works(): boolean {
    return this.#works;
  }

  /** False where it was dropped. Copies what it keeps. */
  write(bytes: Buffer): boolean {
    if (bytes.length === 0) return true;
    const cost = bytes.length + PIECE_BYTES;
    if (this.#closed || !this.#works || this.#waiting + cost > WAITING_BYTES_MAX) return false;
    this.#waiting += cost;
    this.#queue.push(Buffer.from(bytes));
    this.#next();
    return true;
  }

  /** What was written is still sent, if the guest takes it within a moment. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    setTimeout(() => {
      this.#queue.length = 0;
      this.#socket?.destroy();
    }, RETRY_MS).unref();
  }

  #next(): void {
    if (this.#busy) return;
    const piece = this.#take();
    if (piece !== null) void this.#send(piece);
  }

  /** What waits, up to SENT_BYTES of it. */
  #take(): Buffer | null {
    const parts: Buffer[] = [];
    for (let room = SENT_BYTES; room > 0; ) {
      const first = this.#queue[0];
      if (first === undefined) break;
      const part = first.subarray(0, room);
      parts.push(part);
      room -= part.length;
      this.#waiting -= part.length;
      if (part.length < first.length) this.#queue[0] = first.subarray(part.length);
      else {
        this.#queue.shift();
        this.#waiting -= PIECE_BYTES;
      }
    }
    return parts.length === 0 ? null : Buffer.concat(parts);
  }

  /** null: only to see whether somebody listens. */
  async #send(piece: Buffer | null): Promise<void> {
    const { path, owner, log } = this.#options;
    this.#busy = true;
    try {
      const onread = { buffer: dropped, callback: () => true };
      const socket = await connectOwned(path, owner, onread, (made) => {
        this.#socket = made;
        made.once('end', () => made.destroy());
        made.once('close', () => this.#ended());
        if (piece === null) made.end();
        else made.end(piece);
        this.#say(true);
      });
      if (socket === null) this.#failed();
    } catch (error) {
      log.warn({ err: error, path }, 'a serial port cannot be reached');
      this.#failed();
    }
  }

  #ended(): void {
    this.#socket = null;
    this.#busy = false;
    this.#next();
  }

  #failed(): void {
    this.#busy = false;
    this.#queue.length = 0;
    this.#waiting = 0;
    this.#say(false);
    if (!this.#closed) this.#timer = setTimeout(() => void this.#send(null), RETRY_MS);
  }

  #say(works: boolean): void {
    if (works === this.#works) return;
    this.#works = works;
    if (!this.#closed) this.#options.onChange();
  }
}
