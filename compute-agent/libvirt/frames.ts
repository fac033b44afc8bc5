/**
 * Frames: what goes over the socket. A 32-bit length that counts itself, a header of six words, a payload in XDR.
 *
 *     length · program · version · procedure · type · serial · status · payload…
 *
 * The stream cuts frames anywhere, so FrameReader takes chunks as they come. A frame that lies within one chunk is
 * handed out as a view of it; one that is cut is gathered in a buffer that doubles as bytes arrive: the work stays
 * linear, and a peer that announces 32 MiB and sends 10 bytes costs 10 bytes.
 */
import { LibvirtProtocolError } from './errors.ts';

/** Length word and header. */
export const FRAME_HEADER_BYTES = 28;
/** VIR_NET_MESSAGE_MAX (32 MiB) and the length word, which libvirt does not count in it. */
export const FRAME_BYTES_MAX = 32 * 1024 * 1024 + 4;

export const Program = { remote: 0x20008086, qemu: 0x20008087, keepalive: 0x6b656570 } as const;

export const MessageType = { call: 0, reply: 1, message: 2, stream: 3, callWithFds: 4, replyWithFds: 5 } as const;

export const MessageStatus = { ok: 0, error: 1, continue: 2 } as const;

export interface FrameHeader {
  program: number;
  version: number;
  procedure: number;
  type: number;
  /** Ties a reply to its call; 0 in messages. */
  serial: number;
  status: number;
}

export interface Frame extends FrameHeader {
  /** A view of the receive buffer: read it before returning to the event loop. */
  payload: Buffer;
}

/** One buffer to write to the socket. RangeError when libvirt would refuse the length. */
export function encodeFrame(header: FrameHeader, payload: Uint8Array): Buffer {
  const length = FRAME_HEADER_BYTES + payload.length;
  if (length > FRAME_BYTES_MAX) throw new RangeError(`a message of ${length} bytes is longer than libvirt takes`);
  const frame = Buffer.allocUnsafe(length);
  frame.writeUInt32BE(length, 0);
  frame.writeUInt32BE(header.program, 4);
  frame.writeUInt32BE(header.version, 8);
  frame.writeInt32BE(header.procedure, 12);
  frame.writeUInt32BE(header.type, 16);
  frame.writeUInt32BE(header.serial, 20);
  frame.writeUInt32BE(header.status, 24);
  frame.set(payload, FRAME_HEADER_BYTES);
  return frame;
}

function decodeFrame(bytes: Buffer): Frame {
  const type = bytes.readUInt32BE(16);
  const status = bytes.readUInt32BE(24);
  if (type > MessageType.replyWithFds) throw new LibvirtProtocolError(`unknown message type ${type}`);
  if (status > MessageStatus.continue) throw new LibvirtProtocolError(`unknown message status ${status}`);
  return {
    program: bytes.readUInt32BE(4),
    version: bytes.readUInt32BE(8),
    procedure: bytes.readInt32BE(12),
    type,
    serial: bytes.readUInt32BE(20),
    status,
    payload: bytes.subarray(FRAME_HEADER_BYTES),
  };
}

function frameLength(bytes: Buffer, at: number): number {
  const length = bytes.readUInt32BE(at);
  if (length < FRAME_HEADER_BYTES || length > FRAME_BYTES_MAX) {
    throw new LibvirtProtocolError(`a frame cannot have ${length} bytes`);
  }
  return length;
}

export class FrameReader {
  /** The beginning of a frame whose end has not come yet: the first `#filled` bytes of it. */
  #partial = Buffer.alloc(0);
  #filled = 0;

  /** The frames that this chunk completes. Throws LibvirtProtocolError, after which the reader is of no more use. */
  *push(chunk: Buffer): Generator<Frame> {
    let at = 0;
    while (at < chunk.length) {
      if (this.#filled === 0 && chunk.length - at >= 4) {
        const length = frameLength(chunk, at);
        if (chunk.length - at >= length) {
          yield decodeFrame(chunk.subarray(at, at + length));
          at += length;
          continue;
        }
      }
      at += this.#gather(chunk.subarray(at));
      if (this.#filled >= FRAME_HEADER_BYTES && this.#filled === frameLength(this.#partial, 0)) {
        const whole = this.#partial.subarray(0, this.#filled);
        this.#partial = Buffer.alloc(0);
        this.#filled = 0;
        yield decodeFrame(whole);
      }
    }
  }

  /** Bytes held for a frame that is not complete. */
  get pendingBytes(): number {
    return this.#filled;
  }

  /** Takes of `bytes` what belongs to the partial frame; returns how many that were. */
  #gather(bytes: Buffer): number {
    const wanted = this.#filled < 4 ? 4 : frameLength(this.#partial, 0);
    const taken = Math.min(wanted - this.#filled, bytes.length);
    const needed = this.#filled + taken;
    if (needed > this.#partial.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, Math.min(wanted, this.#partial.length * 2)));
      this.#partial.copy(grown, 0, 0, this.#filled);
      this.#partial = grown;
    }
    bytes.copy(this.#partial, this.#filled, 0, taken);
    this.#filled = needed;
    // The length has just become whole: refuse a bad one now, not when the frame goes on.
    if (needed === 4) frameLength(this.#partial, 0);
    return taken;
  }
}
