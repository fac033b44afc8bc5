/** The browser's side of one console: its socket, whether it is still there, and what it said before anybody heard. */
import type { WebSocket } from 'ws';
import type { CloseCode } from './contract/socket.ts';

/** How long it may take to answer that it is told to close. */
const CLOSING_MS = 800;
/** Messages. */
const EARLY_MAX = 100;

type Events = { said(data: Buffer, isBinary: boolean): void; misspoke(why: string): void; ended(): void };

export class BrowserSide {
  readonly #ws: WebSocket;
  readonly #events: Events;
  #chances = 2;
  readonly #early: [Buffer, boolean][] = [];

  /** Reads nothing until somebody is there to whom it may go: then `resume` the socket. */
  constructor(ws: WebSocket, events: Events) {
    this.#ws = ws;
    this.#events = events;
    // ws's own type of binary message is a Buffer unless it is told otherwise.
    ws.on('message', (data, isBinary) => events.said(data as Buffer, isBinary));
    // It has told the browser already.
    ws.on('error', (err) => events.misspoke(err.message));
    ws.on('pong', () => this.alive());
    ws.on('close', () => events.ended());
    ws.pause();
  }

  alive(): void {
    this.#chances = 2;
  }

  /** Asks whether the browser is there; one that has neither answered nor taken anything twice is not. */
  ping(): void {
    if (this.#chances === 0) this.#ws.terminate();
    else {
      this.#chances -= 1;
      this.#ws.ping();
    }
  }

  /** @returns whether there was room for it */
  hold(data: Buffer, isBinary: boolean): boolean {
    if (this.#early.length >= EARLY_MAX) return false;
    this.#early.push([data, isBinary]);
    return true;
  }

  /** What was read while nobody was there to hear it: pausing does not hold back what came with the message before. */
  hearHeld(): void {
    for (const [data, isBinary] of this.#early.splice(0)) this.#events.said(data, isBinary);
  }

  /** @param ms unless it has ended by then */
  after(ms: number, act: () => void): void {
    const timer = setTimeout(act, ms);
    this.#ws.once('close', () => clearTimeout(timer));
  }

  /** @param reason up to 123 bytes */
  close(code: CloseCode, reason: string): void {
    this.#ws.resume();
    this.#ws.close(code, reason);
    this.after(CLOSING_MS, () => this.#ws.terminate());
  }
}
