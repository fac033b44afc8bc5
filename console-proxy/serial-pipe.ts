/**
 * A serial port: the agent's frames to the messages of the contract and back. A browser that does not read is not read
 * for: the agent notices by itself, moves it ahead, and says so with a mark.
 */
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { ZodType } from 'zod';
import { serialFrame, serialMark, serialPort } from '../compute-agent/contract/streams.ts';
import { type SerialSaid, type SerialTold, serialSaid } from './contract/messages.ts';
import type { Pipe, PipeEvents } from './pipe.ts';
import { encodeFrame, encodeJson, FrameDecoder, type SerialFrame } from './serial-frames.ts';

/** Bytes on their way to the browser at which the agent is not read any more, and again. */
const BEHIND = 262_144;
const AHEAD = 65_536;

export class SerialPipe implements Pipe {
  readonly #ws: WebSocket;
  readonly #you: string;
  readonly #viewOnly: boolean;
  readonly #events: PipeEvents;
  readonly #decoder = new FrameDecoder();
  #agent: Duplex | null = null;
  #over = false;

  constructor(ws: WebSocket, you: string, viewOnly: boolean, events: PipeEvents) {
    this.#ws = ws;
    this.#you = you;
    this.#viewOnly = viewOnly;
    this.#events = events;
  }

  begin(agent: Duplex): void {
    this.#agent = agent;
    agent.on('drain', () => this.#ws.resume());
    agent.on('data', (chunk: Buffer) => this.#heard(chunk));
    agent.resume();
    this.#ws.resume();
  }

  /** After the first word, which is not its business. */
  said(data: Buffer, isBinary: boolean): void {
    if (this.#over || this.#agent === null) return;
    if (isBinary) {
      this.#act(encodeFrame(serialFrame.input, data));
      return;
    }
    const said = parseSaid(data);
    if (said?.t === 'claim') this.#act(encodeJson(serialFrame.claim, { what: said.what }));
    else this.#events.misspoke('not a message of the contract');
  }

  end(): void {
    this.#over = true;
  }

  #act(frame: Buffer): void {
    if (this.#viewOnly) return;
    this.#events.acted();
    if (this.#agent?.write(frame) === false) this.#ws.pause();
  }

  #heard(chunk: Buffer): void {
    if (this.#over) return;
    try {
      for (const frame of this.#decoder.push(chunk)) this.#tell(frame);
    } catch (error) {
      this.#events.hostMisspoke(error);
      return;
    }
    if (this.#ws.bufferedAmount > BEHIND) this.#agent?.pause();
  }

  #tell({ type, payload }: SerialFrame): void {
    if (type === serialFrame.data) this.#ws.send(payload, { binary: true }, this.#sent);
    else if (type === serialFrame.mark) this.#tellJson({ t: 'mark', ...read(serialMark, payload) });
    else if (type === serialFrame.port) this.#tellJson({ t: 'port', ...read(serialPort, payload), you: this.#you });
    // Others are of a newer agent, and of no concern.
  }

  #tellJson(told: SerialTold): void {
    this.#ws.send(JSON.stringify(told), this.#sent);
  }

  readonly #sent = (): void => {
    this.#events.alive();
    if (this.#agent?.isPaused() && !this.#over && this.#ws.bufferedAmount <= AHEAD) this.#agent.resume();
  };
}

const read = <T>(shape: ZodType<T>, payload: Buffer): T => shape.parse(JSON.parse(payload.toString('utf8')));

/** Null: none of the contract's. */
export function parseSaid(data: Buffer): SerialSaid | null {
  try {
    return serialSaid.parse(JSON.parse(data.toString('utf8')));
  } catch {
    return null;
  }
}
