/** A screen: RFB's bytes between a browser and the agent's stream, each read only as fast as the other takes. */
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { WebSocket } from 'ws';
import type { Reader } from './agent-stream.ts';
import { Gather } from './gather.ts';
import type { Pipe, PipeEvents } from './pipe.ts';
import { BadMessageError, ClientMessages } from './rfb-client.ts';

export class VncPipe implements Pipe {
  readonly #ws: WebSocket;
  readonly #events: PipeEvents;
  readonly #messages: ClientMessages;
  readonly #gather: Gather;
  #agent: TLSSocket | null = null;
  #over = false;
  /** For dialStreamInto. */
  readonly reader: Reader = (bytes, size) => this.#gather.put(bytes, size);

  /** @param socket that below `ws`: what the host says goes past it */
  constructor(ws: WebSocket, socket: Socket, viewOnly: boolean, events: PipeEvents) {
    this.#ws = ws;
    this.#events = events;
    this.#messages = new ClientMessages(viewOnly);
    this.#gather = new Gather(
      socket,
      () => this.#agent?.resume(),
      () => events.alive(),
    );
  }

  begin(agent: TLSSocket, first: Buffer): void {
    this.#agent = agent;
    agent.on('drain', () => this.#ws.resume());
    this.#gather.put(first, first.length);
    agent.resume();
    this.#ws.resume();
  }

  said(data: Buffer, isBinary: boolean): void {
    if (this.#over || this.#agent === null) return;
    if (!isBinary) {
      this.#events.misspoke('a text message on a screen');
      return;
    }
    try {
      const { pass, acted } = this.#messages.push(data);
      if (acted) this.#events.acted();
      if (pass.length > 0 && !this.#agent.write(pass)) this.#ws.pause();
    } catch (error) {
      if (!(error instanceof BadMessageError)) throw error;
      this.#events.misspoke(error.message);
    }
  }

  end(): void {
    this.#over = true;
    this.#gather.end();
  }
}
