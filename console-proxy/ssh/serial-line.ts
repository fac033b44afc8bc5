/**
 * The agent's serial stream as the door sees it: what to show, how the port is, where one is in its log. Bytes that are
 * typed go out in frames as they are.
 */
import type { Duplex } from 'node:stream';
import type { z } from 'zod';
import {
  SERIAL_INPUT_BYTES_MAX,
  type SerialClaim,
  type SerialMark,
  type SerialPort,
  type SerialPosition,
  serialFrame,
  serialMark,
  serialPort,
} from '../../compute-agent/contract/streams.ts';
import { encodeFrame, encodeJson, FrameDecoder, type SerialFrame } from '../serial-frames.ts';

export type LineListener = {
  /** False: no more until `resume`. */
  data: (bytes: Buffer) => boolean;
  mark: (mark: SerialMark) => void;
  port: (port: SerialPort) => void;
  /** Once. With an error when the agent does not keep to the contract. */
  ended: (error: Error | null) => void;
};

export class SerialLine {
  readonly #stream: Duplex;
  readonly #decoder = new FrameDecoder();
  readonly #listener: LineListener;
  #position: SerialPosition | null = null;
  #over = false;

  constructor(stream: Duplex, listener: LineListener) {
    this.#stream = stream;
    this.#listener = listener;
    // Its end follows.
    stream.on('error', () => {});
    stream.on('data', (chunk: Buffer) => this.#heard(chunk));
    stream.on('end', () => this.#end(null));
    stream.on('close', () => this.#end(null));
    if (stream.destroyed) process.nextTick(() => this.#end(null));
    else stream.resume();
  }

  /** After the last byte that was handed on. */
  get position(): SerialPosition | null {
    return this.#position;
  }

  /** False: the agent is behind; `onDrained` says when it is not any more. */
  type(bytes: Buffer): boolean {
    let free = true;
    for (let at = 0; at < bytes.length && !this.#over; at += SERIAL_INPUT_BYTES_MAX)
      free = this.#stream.write(encodeFrame(serialFrame.input, bytes.subarray(at, at + SERIAL_INPUT_BYTES_MAX)));
    return free;
  }

  onDrained(listener: () => void): void {
    this.#stream.on('drain', listener);
  }

  claim(what: SerialClaim['what']): void {
    if (!this.#over) this.#stream.write(encodeJson(serialFrame.claim, { what }));
  }

  resume(): void {
    if (!this.#over) this.#stream.resume();
  }

  close(): void {
    this.#stream.destroy();
    this.#end(null);
  }

  #heard(chunk: Buffer): void {
    if (this.#over) return;
    try {
      for (const frame of this.#decoder.push(chunk)) if (!this.#over) this.#tell(frame);
    } catch (error) {
      this.#stream.destroy();
      this.#end(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #tell({ type, payload }: SerialFrame): void {
    if (type === serialFrame.data) {
      if (this.#position) this.#position = { ...this.#position, offset: this.#position.offset + payload.length };
      if (!this.#listener.data(payload)) this.#stream.pause();
    } else if (type === serialFrame.mark) {
      const mark = read(serialMark, payload);
      this.#position = mark.at;
      this.#listener.mark(mark);
    } else if (type === serialFrame.port) this.#listener.port(read(serialPort, payload));
    // Others are of a newer agent, and of no concern.
  }

  #end(error: Error | null): void {
    if (this.#over) return;
    this.#over = true;
    this.#listener.ended(error);
  }
}

const read = <T>(shape: z.ZodType<T>, payload: Buffer): T => shape.parse(JSON.parse(payload.toString('utf8')));
