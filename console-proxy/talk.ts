/**
 * What a browser and the proxy say about the console itself, beside its bytes: how far away they are from each other,
 * how long nobody did anything, and why it ends.
 */
import type { WebSocket } from 'ws';
import { type ControlTold, controlSaid } from './contract/messages.ts';
import { IdleClock } from './idle.ts';

export class Talk {
  readonly #ws: WebSocket;
  readonly #you: string;
  #answering = false;
  readonly idle: IdleClock;

  /** @param you the console's id */
  constructor(ws: WebSocket, you: string, idleMs: number) {
    this.#ws = ws;
    this.#you = you;
    this.idle = new IdleClock(idleMs, (closesInMs) => this.tell({ t: 'idle', closesInMs, limitMs: idleMs }));
  }

  /** @returns whether this text was meant for here */
  heard(data: Buffer): boolean {
    const said = parse(data);
    if (said?.t === 'ping') this.#answer(said.n);
    else if (said?.t === 'stay') this.idle.acted();
    return said !== null;
  }

  tell(told: ControlTold, written?: () => void): void {
    this.#ws.send(JSON.stringify(told), written);
  }

  /** One answer is under way at most: who asks and does not read fills no memory. */
  #answer(n: number): void {
    if (this.#answering) return;
    this.#answering = true;
    this.tell({ t: 'pong', n, you: this.#you }, () => {
      this.#answering = false;
    });
  }
}

function parse(data: Buffer) {
  try {
    return controlSaid.parse(JSON.parse(data.toString('utf8')));
  } catch {
    return null;
  }
}
