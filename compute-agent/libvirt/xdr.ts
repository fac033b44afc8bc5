/**
 * XDR (RFC 4506) as libvirt uses it: big-endian, everything padded to four bytes, strings and arrays after a
 * 32-bit count.
 *
 * The reader trusts nothing. A count is compared with its limit and with the bytes that are really there before
 * anything is allocated, so that a hostile length costs an error, not memory.
 */
import { LibvirtProtocolError } from './errors.ts';

/** Longest string in libvirt's protocol, in bytes of UTF-8 (REMOTE_STRING_MAX). */
export const STRING_BYTES_MAX = 4 * 1024 * 1024;

const padding = (length: number) => (4 - (length & 3)) & 3;

/** Writes into one buffer that doubles when it is full. Wrong values throw TypeError or RangeError: the caller's mistake. */
export class XdrWriter {
  #buffer = Buffer.allocUnsafe(256);
  #length = 0;

  /** Makes room and returns where it is. It may replace the buffer: call it before naming the buffer. */
  #reserve(bytes: number): number {
    const at = this.#length;
    const needed = at + bytes;
    if (needed > this.#buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
      this.#buffer.copy(grown, 0, 0, at);
      this.#buffer = grown;
    }
    this.#length = needed;
    return at;
  }

  int32(value: number): void {
    if (!Number.isInteger(value)) throw new TypeError(`not a whole number: ${value}`);
    const at = this.#reserve(4);
    this.#buffer.writeInt32BE(value, at);
  }

  uint32(value: number): void {
    if (!Number.isInteger(value)) throw new TypeError(`not a whole number: ${value}`);
    const at = this.#reserve(4);
    this.#buffer.writeUInt32BE(value, at);
  }

  uint64(value: bigint): void {
    const at = this.#reserve(8);
    this.#buffer.writeBigUInt64BE(value, at);
  }

  /** Bytes of a length that both sides know. */
  fixed(bytes: Uint8Array): void {
    const at = this.#reserve(bytes.length + padding(bytes.length));
    this.#buffer.set(bytes, at);
    this.#buffer.fill(0, at + bytes.length, this.#length);
  }

  string(value: string): void {
    // libvirt's C strings would silently end there: "web\0x" must not become "web".
    if (value.includes('\0')) throw new TypeError('a string with a NUL character cannot be sent to libvirt');
    const length = Buffer.byteLength(value, 'utf8');
    if (length > STRING_BYTES_MAX) {
      throw new RangeError(`a string of ${length} bytes is longer than libvirt takes (${STRING_BYTES_MAX})`);
    }
    this.uint32(length);
    const at = this.#reserve(length + padding(length));
    this.#buffer.write(value, at, 'utf8');
    this.#buffer.fill(0, at + length, this.#length);
  }

  /** What was written, as a view: write nothing more afterwards. */
  finish(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }
}

/** Reads one message. Throws LibvirtProtocolError when the bytes end early or a count exceeds its limit. */
export class XdrReader {
  readonly #buffer: Buffer;
  #offset = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  get remaining(): number {
    return this.#buffer.length - this.#offset;
  }

  #take(bytes: number): number {
    if (bytes > this.remaining) {
      throw new LibvirtProtocolError(`message ends early: ${bytes} bytes wanted, ${this.remaining} left`);
    }
    const at = this.#offset;
    this.#offset = at + bytes;
    return at;
  }

  int32(): number {
    return this.#buffer.readInt32BE(this.#take(4));
  }

  uint32(): number {
    return this.#buffer.readUInt32BE(this.#take(4));
  }

  uint64(): bigint {
    return this.#buffer.readBigUInt64BE(this.#take(8));
  }

  /** A view, not a copy. */
  fixed(length: number): Buffer {
    const at = this.#take(length + padding(length));
    return this.#buffer.subarray(at, at + length);
  }

  string(): string {
    return this.fixed(this.count(STRING_BYTES_MAX, 1)).toString('utf8');
  }

  /** The count before a string or an array: at most `max`, and no more than the rest of the message can hold. */
  count(max: number, elementBytesMin: number): number {
    const count = this.uint32();
    if (count > max) throw new LibvirtProtocolError(`a count of ${count} exceeds its limit of ${max}`);
    if (count * elementBytesMin > this.remaining) {
      throw new LibvirtProtocolError(
        `a count of ${count} is more than the message's last ${this.remaining} bytes hold`,
      );
    }
    return count;
  }

  /** Says that the message must be over here. */
  end(): void {
    if (this.remaining > 0) throw new LibvirtProtocolError(`${this.remaining} bytes too many at the end of a message`);
  }
}
