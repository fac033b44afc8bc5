/** Frames of a serial stream (contract/streams.ts): 1 byte type, 4 bytes length, payload. */
import { SERIAL_INPUT_BYTES_MAX, serialFrame } from '../contract/streams.ts';

export const HEADER_BYTES = 5;
/** A claim is some thirty bytes. */
const CLAIM_BYTES_MAX = 1_024;

/** Writes a header in front of a payload that lies behind it already. */
export function putHeader(frame: Buffer, type: number, payloadBytes: number): void {
  frame[0] = type;
  frame.writeUInt32BE(payloadBytes, 1);
}

export function frameOf(type: number, content: unknown): Buffer {
  const payload = Buffer.from(JSON.stringify(content));
  const frame = Buffer.allocUnsafe(HEADER_BYTES + payload.length);
  putHeader(frame, type, payload.length);
  payload.copy(frame, HEADER_BYTES);
  return frame;
}

export class FrameError extends Error {
  override name = 'FrameError';
}

const limits = new Map<number, number>([
  [serialFrame.input, SERIAL_INPUT_BYTES_MAX],
  [serialFrame.claim, CLAIM_BYTES_MAX],
]);

/** What the control plane sends, out of pieces that are cut anywhere. */
export class FrameDecoder {
  readonly #take: (type: number, payload: Buffer) => void;
  readonly #header = Buffer.alloc(HEADER_BYTES);
  #headerBytes = 0;
  /** Of the payload that is being gathered; null while it lies whole in one piece, or between frames. */
  #payload: Buffer | null = null;
  #payloadBytes = 0;

  /** `take` gets payloads that it may keep no longer than it runs, unless it copies them. */
  constructor(take: (type: number, payload: Buffer) => void) {
    this.#take = take;
  }

  /** Throws a FrameError; nothing may be pushed after it. */
  push(piece: Buffer): void {
    let at = 0;
    while (at < piece.length) {
      if (this.#payload) at = this.#gather(this.#payload, piece, at);
      else if (this.#headerBytes < HEADER_BYTES) {
        const copied = piece.copy(this.#header, this.#headerBytes, at);
        this.#headerBytes += copied;
        at += copied;
        if (this.#headerBytes === HEADER_BYTES) at = this.#begin(piece, at);
      }
    }
  }

  #begin(piece: Buffer, at: number): number {
    const type = this.#header[0] as number;
    const bytes = this.#header.readUInt32BE(1);
    const most = limits.get(type);
    if (most === undefined) throw new FrameError(`there is no frame of type ${type}`);
    if (bytes > most) throw new FrameError(`a frame of type ${type} has ${bytes} bytes`);
    if (piece.length - at >= bytes) {
      this.#headerBytes = 0;
      this.#take(type, piece.subarray(at, at + bytes));
      return at + bytes;
    }
    this.#payload = Buffer.allocUnsafe(bytes);
    this.#payloadBytes = 0;
    return at;
  }

  #gather(payload: Buffer, piece: Buffer, at: number): number {
    const copied = piece.copy(payload, this.#payloadBytes, at);
    this.#payloadBytes += copied;
    if (this.#payloadBytes === payload.length) {
      this.#payload = null;
      this.#headerBytes = 0;
      this.#take(this.#header[0] as number, payload);
    }
    return at + copied;
  }
}
