/** A WebSocket spoken by hand, so that anything at all can be said and nothing need be read. */
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { CONSOLE_PATH, PROTOCOL, TICKET_PREFIX } from '../../../console-proxy/contract/socket.ts';
import { ORIGIN } from './world.ts';

export type Seen = { status: number; binary: number; close: number | null };

export function handshake(port: number, ticket: string): string {
  return [
    `GET ${CONSOLE_PATH} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    `Origin: ${ORIGIN}`,
    ...['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'],
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    `Sec-WebSocket-Protocol: ${PROTOCOL}, ${TICKET_PREFIX}${ticket}`,
    '\r\n',
  ].join('\r\n');
}

/** As a browser sends it. */
export function frame(opcode: number, payload: Buffer, first = 0x80 | opcode): Buffer {
  const long = payload.length > 125;
  const head = Buffer.alloc(long ? 8 : 6);
  head[0] = first;
  head[1] = 0x80 | (long ? 126 : payload.length);
  if (long) head.writeUInt16BE(payload.length, 2);
  // A mask of zeroes changes nothing.
  return Buffer.concat([head, payload]);
}

export class Wire {
  readonly socket: Socket;
  readonly seen: Seen = { status: 0, binary: 0, close: null };
  readonly closed: Promise<Seen>;
  #rest: Buffer = Buffer.alloc(0);
  #changed: () => void = () => {};
  /** Whenever something came. */
  onRead: () => void = () => {};

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1' });
    this.socket.setNoDelay(true).on('error', () => {});
    this.socket.on('data', (chunk) => this.#read(chunk));
    this.closed = new Promise((resolve) => this.socket.on('close', () => resolve(this.seen)));
    void this.closed.then(() => this.#changed());
  }

  /** Until this is seen, or nothing more will be. */
  async until(holds: (seen: Seen) => boolean): Promise<Seen> {
    while (!holds(this.seen) && !this.socket.closed) await new Promise<void>((resolve) => (this.#changed = resolve));
    return this.seen;
  }

  #read(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    if (this.seen.status === 0 && !this.#readHead()) return;
    while (this.#readFrame());
    this.onRead();
    this.#changed();
  }

  #readHead(): boolean {
    const end = this.#rest.indexOf('\r\n\r\n');
    if (end < 0) return false;
    this.seen.status = Number(this.#rest.toString('latin1', 9, 12));
    this.#rest = this.#rest.subarray(end + 4);
    return true;
  }

  #readFrame(): boolean {
    const rest = this.#rest;
    if (rest.length < 2) return false;
    const short = (rest[1] as number) & 0x7f;
    const head = short === 127 ? 10 : short === 126 ? 4 : 2;
    if (rest.length < head) return false;
    const size = short === 127 ? rest.readUInt32BE(6) : short === 126 ? rest.readUInt16BE(2) : short;
    if (rest.length < head + size) return false;
    const opcode = (rest[0] as number) & 0x0f;
    if (opcode === 2) this.seen.binary += size;
    if (opcode === 8) {
      this.seen.close = size >= 2 ? rest.readUInt16BE(head) : 1005;
      this.socket.end(frame(8, rest.subarray(head, head + Math.min(size, 2))));
    }
    this.#rest = rest.subarray(head + size);
    return true;
  }
}
