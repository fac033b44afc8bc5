/**
 * A serial port over one socket after the other: where we are in what it has said, who holds its keyboard, and what
 * is typed. The position goes on from connection to connection, so that nothing is lost and nothing comes twice.
 */
import {
  SERIAL_INPUT_BYTES_MAX,
  type SerialMark,
  type SerialPosition,
} from '../../../../compute-agent/contract/streams.ts';
import { type SerialSaid, serialTold } from '../../../../console-proxy/contract/messages.ts';

type Told = ReturnType<typeof serialTold.parse>;
export type Port = Omit<Extract<Told, { t: 'port' }>, 't'>;

export interface Sink {
  data: (bytes: Uint8Array<ArrayBuffer>) => void;
  /** `resumed`: this connection goes on where the last one ended. `first`: of this connection; history follows. */
  mark: (mark: SerialMark, of: { resumed: boolean; first: boolean }) => void;
  port: (port: Port, before: Port | null) => void;
}

/** Why typed keys went nowhere. */
export type Dropped = 'not-connected' | 'view-only' | 'closed' | 'other-writer';

export class SerialLine {
  #sink: Sink;
  #position: SerialPosition | null = null;
  #socket: WebSocket | null = null;
  #port: Port | null = null;
  #viewOnly = false;
  /** The keyboard is asked for once by itself: whoever lost it asks by a button. */
  #claimed = false;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  /** Speaks over a socket that is opening. */
  attach(
    socket: WebSocket,
    line: { viewOnly: boolean; opened: () => void; drawn: () => void },
  ): { detach: () => void } {
    const from = this.#position;
    this.#socket = socket;
    this.#port = null;
    this.#viewOnly = line.viewOnly;
    this.#claimed = line.viewOnly;
    let first = true;
    const onOpen = () => {
      this.#say({ t: 'open', from });
      line.opened();
    };
    const onMessage = ({ data }: MessageEvent<ArrayBuffer | string>) => {
      if (typeof data !== 'string') {
        if (this.#position !== null)
          this.#position = { ...this.#position, offset: this.#position.offset + data.byteLength };
        this.#sink.data(new Uint8Array(data));
        return;
      }
      const told = parse(data);
      if (told === undefined) return;
      if (told.t === 'mark') {
        this.#position = told.at;
        this.#sink.mark(told, { resumed: from !== null, first });
        first = false;
      } else {
        this.#onPort(told);
        line.drawn();
      }
    };
    socket.addEventListener('open', onOpen);
    socket.addEventListener('message', onMessage);
    return {
      detach: () => {
        socket.removeEventListener('open', onOpen);
        socket.removeEventListener('message', onMessage);
        if (this.#socket === socket) this.#socket = null;
      },
    };
  }

  /** Sends what was typed; @returns why not, or null */
  type(bytes: Uint8Array<ArrayBuffer>): Dropped | null {
    const [socket, port] = [this.#socket, this.#port];
    if (socket?.readyState !== WebSocket.OPEN || port === null) return 'not-connected';
    if (this.#viewOnly) return 'view-only';
    if (!port.open) return 'closed';
    if (port.writer !== null && port.writer.id !== port.you) return 'other-writer';
    // Nobody has it: the claim goes ahead of the keys.
    if (port.writer === null) this.claim('take');
    for (let at = 0; at < bytes.length; at += SERIAL_INPUT_BYTES_MAX)
      socket.send(bytes.subarray(at, at + SERIAL_INPUT_BYTES_MAX));
    return null;
  }

  /** Sends what the terminal answered to the guest by itself: by who holds the keyboard alone, and it claims nothing. */
  answer(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#port?.writer != null && this.#port.writer.id === this.#port.you) this.type(bytes);
  }

  claim(what: 'take' | 'force' | 'release'): void {
    this.#say({ t: 'claim', what });
  }

  #onPort({ t: _, ...port }: Extract<Told, { t: 'port' }>) {
    const before = this.#port;
    this.#port = port;
    if (port.open && port.writer === null && !this.#claimed) {
      this.#claimed = true;
      this.claim('take');
    }
    this.#sink.port(port, before);
  }

  #say(said: SerialSaid) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(said));
  }
}

/** What this page does not know, a newer proxy says to a newer page. */
function parse(text: string): Told | undefined {
  try {
    return serialTold.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
