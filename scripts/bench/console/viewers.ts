/** All viewers: bytes are counted as cheaply as Node can, by WebSocket or bare. Not measured itself. */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { serve } from './helper.ts';
import { Line, type Way } from './line.ts';
import { HELLO, KEY_BYTES, UNIT, UNIT_BYTES } from './load.ts';

const OPEN_AT_ONCE = 10;
const ECHO_MS = 5_000;

const lines: Viewer[] = [];

class Viewer {
  readonly #line: Line;
  /** Set: units are looked at. */
  echoed: ((number: number) => void) | null = null;
  #unit = Buffer.alloc(0);

  constructor(line: Line) {
    this.#line = line;
    line.onPayload = (bytes) => this.#take(bytes);
  }

  static async open(way: Way, at: number): Promise<Viewer> {
    const viewer = new Viewer(await Line.open(way, at, (options) => connect(options)));
    viewer.#line.send(HELLO);
    return viewer;
  }

  get bytes(): number {
    return this.#line.bytes;
  }

  press(number: number): void {
    const key = Buffer.alloc(KEY_BYTES);
    key[0] = 4;
    key.writeUInt32BE(number, 4);
    this.#line.send(key);
  }

  /** Only while probes are made: then all that comes is whole units. */
  look(looking: boolean): void {
    this.#line.looks = looking;
  }

  #take(bytes: Buffer): void {
    this.#unit = Buffer.concat([this.#unit, bytes]);
    for (; this.#unit.length >= UNIT_BYTES; this.#unit = this.#unit.subarray(UNIT_BYTES)) {
      if (this.#unit[0] === UNIT.echo) this.echoed?.(this.#unit.readUInt32BE(4));
    }
  }

  end(): void {
    this.#line.end();
  }
}

const handlers = {
  /** @param count how many, in the order of `way.tickets` where it has them */
  open: async (way: Way, count: number, looks: boolean) => {
    for (let at = 0; at < count; at += OPEN_AT_ONCE) {
      const places = Array.from({ length: Math.min(OPEN_AT_ONCE, count - at) }, (_, n) => at + n);
      const opened = await Promise.all(places.map((place) => Viewer.open(way, place)));
      for (const each of opened) each.look(looks);
      lines.push(...opened);
    }
  },
  bytes: () => lines.reduce((sum, { bytes }) => sum + bytes, 0),
  /** One key after another, from one viewer after another, for so long. @returns round trips in µs */
  probe: async (ms: number) => {
    const trips: number[] = [];
    const until = performance.now() + ms;
    for (let number = 1; performance.now() < until; number++) {
      const viewer = lines[number % lines.length] as Viewer;
      const began = performance.now();
      const echo = new Promise<number>((resolve) => {
        viewer.echoed = (heard) => {
          if (heard === number) resolve(performance.now() - began);
        };
      });
      viewer.press(number);
      const took = await Promise.race([echo, sleep(ECHO_MS, null, { ref: false })]);
      if (took === null) throw new Error(`no echo within ${ECHO_MS} ms`);
      trips.push(Math.round(took * 1_000));
      await sleep(1);
    }
    return trips;
  },
  close: () => {
    for (const each of lines.splice(0)) each.end();
  },
};
export type Viewers = typeof handlers;
serve(handlers);
