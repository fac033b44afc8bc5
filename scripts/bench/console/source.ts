/**
 * Plays the guest's screen: unix sockets at which whoever says HELLO is told what the flow wants, and a key is answered
 * at once. Not measured itself.
 */
import { randomFillSync } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { serve } from './helper.ts';
import { type Flow, HELLO, KEY_BYTES, UNIT, UNIT_BYTES } from './load.ts';

const FLAT_BYTES = 65_536;
/** What a viewer that is behind may owe before it gets no more: as QEMU, which makes no update nobody takes. */
const BEHIND_BYTES = 262_144;

/** Pixels that nothing on the way could make smaller. */
const pixels = randomFillSync(Buffer.allocUnsafe(FLAT_BYTES));
const viewers = new Set<Viewer>();
let flow: Flow = { is: 'quiet' };
let sent = 0;

class Viewer {
  readonly #socket: Socket;
  #heard = Buffer.alloc(0);
  #greeted = false;
  /** Updates so far, of a paced flow. */
  updates = 0;
  since = performance.now();

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => this.#hear(chunk));
    socket.on('error', () => {});
    socket.on('close', () => viewers.delete(this));
    socket.on('drain', () => this.flood());
  }

  #hear(chunk: Buffer): void {
    this.#heard = Buffer.concat([this.#heard, chunk]);
    if (!this.#greeted) {
      if (this.#heard.length < HELLO.length) return;
      if (!this.#heard.subarray(0, HELLO.length).equals(HELLO)) throw new Error('a viewer that says no hello');
      this.#heard = this.#heard.subarray(HELLO.length);
      this.#greeted = true;
      viewers.add(this);
      this.flood();
    }
    for (; this.#heard.length >= KEY_BYTES; this.#heard = this.#heard.subarray(KEY_BYTES)) {
      if (this.#heard[0] !== 4) throw new Error(`not a key: ${this.#heard.toString('hex')}`);
      this.say(unit(UNIT.echo, this.#heard.readUInt32BE(4)));
    }
  }

  say(bytes: Buffer): boolean {
    sent += bytes.length;
    return this.#socket.write(bytes);
  }

  get behind(): boolean {
    return this.#socket.writableLength >= BEHIND_BYTES;
  }

  flood(): void {
    while (flow.is === 'flat' && this.say(pixels));
  }
}

function unit(kind: number, number: number): Buffer {
  const bytes = Buffer.alloc(UNIT_BYTES);
  bytes[0] = kind;
  bytes.writeUInt32BE(number, 4);
  return bytes;
}

/** Each at its own time within the interval: the updates of guests do not come together. */
function tick(): void {
  if (flow.is !== 'paced' && flow.is !== 'trickle') return;
  const now = performance.now();
  const bytes = flow.is === 'paced' ? pixels.subarray(0, flow.bytes) : unit(UNIT.trickle, 0);
  for (const viewer of viewers) {
    for (const due = Math.floor((now - viewer.since) / flow.everyMs); viewer.updates < due; viewer.updates++) {
      if (!viewer.behind) viewer.say(bytes);
    }
  }
}

function setFlow(next: Flow): void {
  flow = next;
  const everyMs = 'everyMs' in next ? next.everyMs : 0;
  let place = 0;
  for (const viewer of viewers) {
    viewer.updates = 0;
    viewer.since = performance.now() + (everyMs * place++) / viewers.size;
    viewer.flood();
  }
}
setInterval(tick, 1);

const handlers = {
  listen: async (paths: string[]) => {
    for (const path of paths) {
      const server = createServer((socket) => void new Viewer(socket));
      server.listen({ path, backlog: 511 });
      await new Promise((resolve) => server.once('listening', resolve));
    }
  },
  flow: setFlow,
  viewers: () => viewers.size,
  /** Bytes to all of them since the last time that there was none. */
  sent: () => sent,
  forget: () => {
    sent = 0;
  },
};
export type Source = typeof handlers;
serve(handlers);
