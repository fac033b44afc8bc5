/** One viewer's connection, bare or a WebSocket spoken by hand: ws would cost as much as what is measured. */
import { randomBytes } from 'node:crypto';
import type { NetConnectOpts, Socket } from 'node:net';

/** `tickets`: one for each viewer, as a subprotocol. `target`: TCP port of loopback, or the path of a unix socket. */
export type Way =
  | { is: 'bare'; target: number | string }
  | { is: 'websocket'; target: number; path: string; origin: string; protocol: string; tickets: string[] };

/** All lines read into it: what is read is counted, or copied, at once. */
const landing = Buffer.allocUnsafeSlow(1_048_576);
const OPEN_MS = 10_000;
const OPCODE = { binary: 2, close: 8, ping: 9, pong: 10 } as const;
const HEAD_MAX = 10;

export class Line {
  readonly #socket: Socket;
  readonly #framed: boolean;
  #answered: ((head: string) => void) | null = null;
  #head = '';
  /** Of the frame whose head is being read; of the one under way. */
  readonly #frame = Buffer.alloc(HEAD_MAX);
  #have = 0;
  #left = 0;
  #opcode: number = OPCODE.binary;
  #ending = false;
  /** Of payload so far. */
  bytes = 0;
  /** Whether `onPayload` is to be told. */
  looks = false;
  onPayload: (bytes: Buffer) => void = () => {};

  private constructor(way: Way, connect: (options: NetConnectOpts) => Socket) {
    this.#framed = way.is === 'websocket';
    const onread = { buffer: landing, callback: (size: number) => this.#read(landing.subarray(0, size)) };
    const { target } = way;
    this.#socket = connect(
      typeof target === 'string' ? { path: target, onread } : { host: '127.0.0.1', port: target, onread },
    );
    this.#socket.setNoDelay(true);
    this.#socket.on('close', () => {
      if (!this.#ending) throw new Error(`a viewer's line was cut after ${this.bytes} bytes`);
    });
  }

  static async open(way: Way, at: number, connect: (options: NetConnectOpts) => Socket): Promise<Line> {
    const line = new Line(way, connect);
    await new Promise<void>((resolve, reject) => {
      line.#socket.once('connect', resolve).once('error', reject);
    });
    if (way.is === 'websocket') await line.#upgrade(way, at);
    return line;
  }

  async #upgrade(way: Way & { is: 'websocket' }, at: number): Promise<void> {
    const ticket = way.tickets[at];
    const protocols = ticket === undefined ? way.protocol : `${way.protocol}, ticket.${ticket}`;
    const lines = [
      `GET ${way.path} HTTP/1.1`,
      `Host: 127.0.0.1:${way.target}`,
      `Origin: ${way.origin}`,
      ...['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'],
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
      `Sec-WebSocket-Protocol: ${protocols}`,
    ];
    const answer = new Promise<string>((resolve, reject) => {
      this.#answered = resolve;
      setTimeout(() => reject(new Error('no answer to the upgrade')), OPEN_MS).unref();
    });
    this.#socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    const head = await answer;
    if (!head.startsWith('HTTP/1.1 101')) throw new Error(`not upgraded: ${head.split('\r\n')[0]}`);
  }

  send(bytes: Buffer): void {
    this.#socket.write(this.#framed ? masked(OPCODE.binary, bytes) : bytes);
  }

  end(): void {
    this.#ending = true;
    this.#socket.destroy();
  }

  #read(bytes: Buffer): boolean {
    let rest = bytes;
    if (this.#answered) {
      this.#head += bytes.toString('latin1');
      const end = this.#head.indexOf('\r\n\r\n');
      if (end < 0) return true;
      this.#answered(this.#head);
      this.#answered = null;
      rest = Buffer.from(this.#head.slice(end + 4), 'latin1');
    }
    if (this.#framed) this.#readFrames(rest);
    else this.#payload(rest);
    return true;
  }

  #payload(bytes: Buffer): void {
    this.bytes += bytes.length;
    if (this.looks) this.onPayload(bytes);
  }

  #readFrames(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.#left === 0) {
        this.#frame[this.#have++] = bytes[at++] as number;
        this.#beginFrame();
        continue;
      }
      const size = Math.min(this.#left, bytes.length - at);
      if (this.#opcode === OPCODE.binary) this.#payload(bytes.subarray(at, at + size));
      this.#left -= size;
      at += size;
    }
  }

  /** When its head is whole. */
  #beginFrame(): void {
    const short = this.#have < 2 ? 0 : (this.#frame[1] as number) & 0x7f;
    if (this.#have < 2 + (short === 126 ? 2 : short === 127 ? 8 : 0)) return;
    this.#left = short === 126 ? this.#frame.readUInt16BE(2) : short === 127 ? this.#frame.readUInt32BE(6) : short;
    this.#have = 0;
    const opcode = (this.#frame[0] as number) & 0x0f;
    this.#opcode = opcode === 0 ? this.#opcode : opcode;
    if (opcode === OPCODE.ping) this.#socket.write(masked(OPCODE.pong, Buffer.alloc(0)));
    if (opcode === OPCODE.close && !this.#ending)
      throw new Error(`a viewer was told to close after ${this.bytes} bytes`);
  }
}

/** Up to 125 bytes, with a mask of zeroes, which changes nothing. */
function masked(opcode: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}
