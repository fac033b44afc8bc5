/**
 * The frames of the agent's serial stream (compute-agent/contract/streams.ts): 1 byte type, 4 bytes length (big
 * endian), payload. Bytes may arrive however they are cut.
 */
import { SERIAL_FRAME_BYTES_MAX, type serialFrame } from '../compute-agent/contract/streams.ts';

const HEAD = 5;

export type SerialFrameType = (typeof serialFrame)[keyof typeof serialFrame];
/** `type` is any byte: the reader decides what it does not know. `payload` may be a view of what was pushed. */
export type SerialFrame = { type: number; payload: Buffer };

/** The other end does not speak the contract. */
export class BadFrameError extends Error {
  override readonly name = 'BadFrameError';
}

export function encodeFrame(type: SerialFrameType, payload: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(HEAD + payload.length);
  frame[0] = type;
  frame.writeUInt32BE(payload.length, 1);
  frame.set(payload, HEAD);
  return frame;
}

export const encodeJson = (type: SerialFrameType, value: object): Buffer =>
  encodeFrame(type, Buffer.from(JSON.stringify(value)));

export class FrameDecoder {
  #parts: Buffer[] = [];
  #bytes = 0;
  /** Of the frame under way, its head included; HEAD while that is not known. */
  #wanted = HEAD;

  /** @returns the frames that are whole now. @throws BadFrameError for a payload above SERIAL_FRAME_BYTES_MAX */
  push(chunk: Buffer): SerialFrame[] {
    const frames: SerialFrame[] = [];
    this.#parts.push(chunk);
    this.#bytes += chunk.length;
    while (this.#bytes >= this.#wanted) {
      const joined = this.#parts.length === 1 ? (this.#parts[0] as Buffer) : Buffer.concat(this.#parts, this.#bytes);
      this.#parts = [joined];
      const length = joined.readUInt32BE(1);
      if (length > SERIAL_FRAME_BYTES_MAX) throw new BadFrameError(`a serial frame of ${length} bytes`);
      this.#wanted = HEAD + length;
      if (this.#bytes < this.#wanted) break;
      frames.push({ type: joined[0] as number, payload: joined.subarray(HEAD, this.#wanted) });
      this.#parts = this.#bytes > this.#wanted ? [joined.subarray(this.#wanted)] : [];
      this.#bytes -= this.#wanted;
      this.#wanted = HEAD;
    }
    return frames;
  }
}
