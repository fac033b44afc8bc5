/** For tests: the control plane's end of a serial stream. */
import type { Socket } from 'node:net';
import { expect } from 'vitest';
import { type SerialMark, type SerialPort, serialFrame, serialMark, serialPort } from '../contract/streams.ts';
import { frameOf, putHeader } from './frames.ts';

export class SerialViewer {
  readonly socket: Socket;
  /** Of the port, joined. */
  text = '';
  readonly bytes: Buffer[] = [];
  readonly marks: SerialMark[] = [];
  readonly ports: SerialPort[] = [];
  /** Kinds of frames in their order, repeated ones once. */
  readonly order: string[] = [];
  /** The position after the last byte. */
  at = { inode: '', offset: 0 };
  readonly ended: Promise<void>;
  #rest: Buffer = Buffer.alloc(0);
  readonly #decoder = new TextDecoder();

  constructor(socket: Socket) {
    this.socket = socket;
    this.ended = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('data', (piece: Buffer) => this.#push(piece));
  }

  get port(): SerialPort | undefined {
    return this.ports.at(-1);
  }

  get from(): string {
    return `${this.at.inode}.${this.at.offset}`;
  }

  claim(what: 'take' | 'force' | 'release'): void {
    this.socket.write(frameOf(serialFrame.claim, { what }));
  }

  type(text: string): void {
    const payload = Buffer.from(text);
    const frame = Buffer.alloc(5 + payload.length);
    putHeader(frame, serialFrame.input, payload.length);
    payload.copy(frame, 5);
    this.socket.write(frame);
  }

  #push(piece: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, piece]);
    while (this.#rest.length >= 5 && this.#rest.length >= 5 + this.#rest.readUInt32BE(1)) {
      const end = 5 + this.#rest.readUInt32BE(1);
      this.#take(this.#rest[0] as number, this.#rest.subarray(5, end));
      this.#rest = this.#rest.subarray(end);
    }
  }

  #take(type: number, payload: Buffer): void {
    const kind = (['data', 'mark', 'port'] as const)[type];
    if (kind === undefined) throw new Error(`a frame of type ${type}`);
    if (kind === 'data') {
      this.bytes.push(Buffer.from(payload));
      this.text += this.#decoder.decode(payload, { stream: true });
      this.at.offset += payload.length;
    } else if (kind === 'mark') {
      const mark = serialMark.parse(JSON.parse(payload.toString()));
      // Only a new file, a gap or a jump may change the position.
      if (mark.why === 'live') expect(mark.at).toEqual(this.at);
      this.at = { ...mark.at };
      this.marks.push(mark);
    } else this.ports.push(serialPort.parse(JSON.parse(payload.toString())));
    const name = kind === 'mark' ? (this.marks.at(-1)?.why as string) : kind;
    if (this.order.at(-1) !== name) this.order.push(name);
  }
}
