/**
 * One stream of a serial port. Everything that is sent goes through one loop, which writes the next thing when the
 * last one has been taken: the port's state where it has changed, else what comes next in the log. So a viewer who
 * does not read holds one buffer and nothing else, whatever the guest says and however often the state changes.
 */
import type { Socket } from 'node:net';
import type { Clock } from '../clock.ts';
import { type SerialPosition, serialClaim, serialFrame } from '../contract/streams.ts';
import type { Logger } from '../log.ts';
import { FrameDecoder, FrameError, frameOf, HEADER_BYTES, putHeader } from './frames.ts';
import { LogReader } from './log-reader.ts';
import { Pacing, portPace } from './pacing.ts';
import type { PortReader, SerialPort, Writer } from './serial-port.ts';
import { endSoon } from './sockets.ts';

const READ_BYTES = 65_536;
const ENDING_MS = 2_000;

interface SerialStreamOptions {
  socket: Socket;
  port: SerialPort;
  path: string;
  writer: Writer | null;
  clock: Clock;
  log: Logger;
}

export class SerialStream implements PortReader {
  readonly writer: Writer | null;
  readonly #socket: Socket;
  readonly #port: SerialPort;
  readonly #log: Logger;
  readonly #reader: LogReader;
  readonly #pacing: Pacing;
  #ended = false;
  #portDue = true;
  #woken = false;
  #sleeper: (() => void) | null = null;
  #sent: (() => void) | null = null;

  constructor({ socket, port, path, writer, clock, log }: SerialStreamOptions) {
    this.writer = writer;
    this.#socket = socket;
    this.#port = port;
    this.#log = log;
    this.#reader = new LogReader(path);
    this.#pacing = new Pacing(clock, portPace);
  }

  /** Resolves when the stream has ended. `accept`: before the first byte. */
  async run(from: SerialPosition | null, accept: () => void): Promise<void> {
    const socket = this.#socket;
    const end = (): void => {
      this.#ended = true;
      endSoon(socket, ENDING_MS);
      this.wake();
    };
    socket.once('end', end);
    socket.once('close', () => {
      end();
      this.#sent?.();
    });
    try {
      const first = await this.#reader.begin(from);
      if (socket.destroyed || this.#ended) return;
      accept();
      const decoder = new FrameDecoder((type, payload) => this.#take(type, payload));
      socket.on('data', (piece: Buffer) => {
        try {
          if (!this.#ended) decoder.push(piece);
        } catch (error) {
          const malformed = error instanceof FrameError;
          if (malformed) this.#log.warn({ why: error.message }, 'a serial stream was ended: it sent what is no frame');
          else this.#log.error({ err: error }, 'a serial stream failed');
          end();
        }
      });
      await this.#send(frameOf(serialFrame.mark, first));
      await this.#loop();
    } finally {
      await this.#reader.close();
    }
  }

  wake(): void {
    this.#woken = true;
    const sleeper = this.#sleeper;
    this.#sleeper = null;
    sleeper?.();
  }

  portChanged(): void {
    this.#portDue = true;
    this.wake();
  }

  async #loop(): Promise<void> {
    const frame = Buffer.allocUnsafeSlow(HEADER_BYTES + READ_BYTES);
    const room = frame.subarray(HEADER_BYTES);
    while (!this.#ended) {
      this.#woken = false;
      if (this.#portDue) {
        this.#portDue = false;
        await this.#send(frameOf(serialFrame.port, this.#port.state));
        continue;
      }
      const piece = await this.#reader.next(room);
      if (piece === null) await this.#sleep();
      else if ('mark' in piece) await this.#send(frameOf(serialFrame.mark, piece.mark));
      else {
        putHeader(frame, serialFrame.data, piece.bytes);
        await this.#send(frame.subarray(0, HEADER_BYTES + piece.bytes));
        const tick = this.#pacing.after(piece.bytes);
        if (tick) await new Promise<void>((resolve) => tick.wait(resolve));
      }
    }
  }

  /** Resolves when it has been taken, or never will be. */
  #send(frame: Buffer): Promise<void> {
    return new Promise((resolve) => {
      // Whose connection is gone is not always told of what was on its way.
      this.#sent = resolve;
      if (this.#socket.destroyed) resolve();
      else this.#socket.write(frame, () => resolve());
    });
  }

  #sleep(): Promise<void> {
    if (this.#woken || this.#ended) return Promise.resolve();
    return new Promise((resolve) => {
      this.#sleeper = resolve;
    });
  }

  #take(type: number, payload: Buffer): void {
    if (type === serialFrame.input) {
      if (!this.#port.type(this, payload)) this.portChanged();
      return;
    }
    const claim = serialClaim.safeParse(parseJson(payload));
    if (!claim.success) throw new FrameError('a claim that cannot be read');
    if (!this.#port.claim(this, claim.data.what)) this.portChanged();
  }
}

function parseJson(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8'));
  } catch {
    return undefined;
  }
}
