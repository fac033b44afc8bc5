/**
 * The host's bytes on their way to a browser, as WebSocket frames (stack.md 11). TLS hands out records of at most
 * 16 KiB: what arrives within one turn of the event loop is copied into one buffer with room for a frame's header in
 * front, and leaves as one frame in one write; where more follows at once, that waits for what comes within a
 * millisecond. Buffers are used again, also by others: a quiet console has none.
 *
 * One write is under way at most. While it is, another buffer fills; when that is half full too, the host is not read
 * for any more. Half: TLS may still hand out what it has deciphered already.
 */
import type { Writable } from 'node:stream';

const BYTES = 262_144;
const STOP_AT = BYTES / 2;
const HEADER_MAX = 10;
/** What comes so soon after a frame is the rest of a lot: it waits as long for more. */
const SOON_MS = 1;

/** Those that nobody uses. Some are kept; what many consoles needed at once goes. */
const KEPT = 16;
const free: Buffer[] = [];
const takeBuffer = (): Buffer => free.pop() ?? Buffer.allocUnsafeSlow(HEADER_MAX + BYTES);
const giveBack = (buffer: Buffer): void => {
  if (buffer.length === HEADER_MAX + BYTES && free.length < KEPT) free.push(buffer);
};

export class Gather {
  readonly #out: Writable;
  readonly #resume: () => void;
  readonly #written: () => void;
  #filling: Buffer | null = null;
  #fill = 0;
  #writing = false;
  #scheduled = false;
  #flushedAt = Number.NEGATIVE_INFINITY;
  #stopped = false;
  #ended = false;

  /**
   * @param out the browser's socket: each write is a whole frame, so what else is sent there may go between
   * @param resume asked for more after `put` answered false
   * @param written told whenever the socket took something
   */
  constructor(out: Writable, resume: () => void, written: () => void) {
    this.#out = out;
    this.#resume = resume;
    this.#written = written;
  }

  /** Copies the first `size` bytes. @returns whether there is room for more */
  put(from: Buffer, size: number): boolean {
    if (this.#ended) return false;
    if (size === 0) return true;
    from.copy(this.#room(size), HEADER_MAX + this.#fill, 0, size);
    this.#fill += size;
    if (!this.#writing) {
      if (this.#fill >= STOP_AT) this.#flush();
      else if (!this.#scheduled) {
        this.#scheduled = true;
        if (performance.now() - this.#flushedAt < SOON_MS) setTimeout(this.#onTurn, SOON_MS);
        else setImmediate(this.#onTurn);
      }
    } else if (this.#fill >= STOP_AT) this.#stopped = true;
    return !this.#stopped;
  }

  /** Sends no more. */
  end(): void {
    this.#ended = true;
    if (this.#filling) giveBack(this.#filling);
    this.#filling = null;
    this.#fill = 0;
  }

  /** The buffer that fills, with room for `size` more. */
  #room(size: number): Buffer {
    this.#filling ??= takeBuffer();
    const needed = HEADER_MAX + this.#fill + size;
    if (needed > this.#filling.length) {
      const longer = Buffer.allocUnsafeSlow(needed + BYTES);
      this.#filling.copy(longer, 0, 0, HEADER_MAX + this.#fill);
      giveBack(this.#filling);
      this.#filling = longer;
    }
    return this.#filling;
  }

  readonly #onTurn = (): void => {
    this.#scheduled = false;
    this.#flush();
  };

  #flush(): void {
    if (this.#writing || this.#filling === null) return;
    const [full, size] = [this.#filling, this.#fill];
    this.#filling = null;
    this.#fill = 0;
    this.#writing = true;
    this.#flushedAt = performance.now();
    this.#out.write(full.subarray(writeHeader(full, size), HEADER_MAX + size), () => {
      this.#writing = false;
      giveBack(full);
      this.#written();
      this.#flush();
      if (!this.#stopped || this.#ended) return;
      this.#stopped = false;
      this.#resume();
    });
  }
}

/** Of a binary frame without a mask, so that it ends where the payload begins. @returns where it begins */
function writeHeader(frame: Buffer, size: number): number {
  const start = HEADER_MAX - (size < 126 ? 2 : size < 65_536 ? 4 : 10);
  frame[start] = 0x82;
  if (size < 126) frame[start + 1] = size;
  else if (size < 65_536) {
    frame[start + 1] = 126;
    frame.writeUInt16BE(size, start + 2);
  } else {
    frame[start + 1] = 127;
    frame.writeUInt32BE(0, start + 2);
    frame.writeUInt32BE(size, start + 6);
  }
  return start;
}
