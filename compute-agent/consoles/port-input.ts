/**
 * The one connection to a guest's serial port, for what is typed. QEMU serves one client at a time, so it is held only
 * while somebody holds the keyboard. What the port says comes from its log, so here it is read and dropped at once: a
 * client that stops reading freezes the port and its log (DESIGN 4).
 */
import type { Socket } from 'node:net';
import type { Logger } from '../log.ts';
import { connectOwned, endSoon } from './sockets.ts';

/** Of what the guest has not taken yet. */
const WAITING_BYTES_MAX = 1_048_576;
/** What a piece costs besides its bytes. */
const PIECE_BYTES = 128;
/** A guest that starts opens its socket in a moment. */
const RETRY_MS = 250;

const dropped = Buffer.allocUnsafeSlow(65_536);

interface PortInputOptions {
  path: string;
  owner: number;
  log: Logger;
  /** It began to take input, or does no more. */
  onChange: () => void;
}

export class PortInput {
  readonly #options: PortInputOptions;
  #socket: Socket | null = null;
  /** Typed before the connection stood. */
  #early: Buffer[] = [];
  #waiting = 0;
  /** false once a try has failed, until one succeeds. */
  #works = true;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: PortInputOptions) {
    this.#options = options;
    void this.#connect();
  }

  /** Whether what is written reaches the port, as far as it is known. */
  get works(): boolean {
    return this.#works;
  }

  /** False where it was dropped. Copies what it keeps. */
  write(bytes: Buffer): boolean {
    if (this.#closed || !this.#works || bytes.length === 0) return bytes.length === 0;
    if (this.#waiting + bytes.length + PIECE_BYTES > WAITING_BYTES_MAX) return false;
    this.#waiting += bytes.length + PIECE_BYTES;
    const piece = Buffer.from(bytes);
    if (this.#socket) this.#send(this.#socket, piece);
    else this.#early.push(piece);
    return true;
  }

  /** What was written is still sent, if the guest takes it within a moment. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    if (this.#socket) endSoon(this.#socket, RETRY_MS);
  }

  #send(socket: Socket, piece: Buffer): void {
    socket.write(piece, () => {
      if (this.#socket === socket) this.#waiting -= piece.length + PIECE_BYTES;
    });
  }

  async #connect(): Promise<void> {
    const { path, owner, log } = this.#options;
    try {
      const socket = await connectOwned(path, owner, { buffer: dropped, callback: () => true }, this.#connected);
      if (socket === null) this.#gone(null);
    } catch (error) {
      log.warn({ err: error, path }, 'a serial port cannot be reached');
      this.#gone(null);
    }
  }

  readonly #connected = (socket: Socket): void => {
    if (this.#closed) {
      socket.destroy();
      return;
    }
    this.#socket = socket;
    socket.once('end', () => socket.destroy());
    socket.once('close', () => this.#gone(socket));
    for (const piece of this.#early) this.#send(socket, piece);
    this.#early = [];
    this.#say(true);
  };

  #gone(socket: Socket | null): void {
    if (this.#closed || this.#socket !== socket) return;
    this.#socket = null;
    this.#early = [];
    this.#waiting = 0;
    this.#timer = setTimeout(() => void this.#connect(), RETRY_MS);
    this.#say(false);
  }

  #say(works: boolean): void {
    if (works === this.#works) return;
    this.#works = works;
    this.#options.onChange();
  }
}
