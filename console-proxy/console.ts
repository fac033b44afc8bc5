/**
 * One console: does what its life (life.ts) says, and tells it how that went. What is admitted has a row in
 * ConsoleSession, and an agent's stream once that is dialled; both are given back by `release`.
 */
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { Pool } from 'pg';
import type { RawData, WebSocket } from 'ws';
import { AgentError } from '../compute-agent/contract/errors.ts';
import type { SerialPosition } from '../compute-agent/contract/streams.ts';
import type { ClientIdentity } from '../server/agent-client/connections.ts';
import { systemClock } from '../server/clock.ts';
import { errorId, newId } from '../server/ids.ts';
import type { Logger } from '../server/log.ts';
import { dialStream, dialStreamInto, type Target } from './agent-stream.ts';
import { CLOSE, type CloseCode } from './contract/socket.ts';
import { isLost } from './database.ts';
import { hostRecord } from './hosts.ts';
import { begin, type Effect, type Event, next, type State } from './life.ts';
import { type Asker, admit, leave } from './permission.ts';
import type { PipeEvents } from './pipe.ts';
import { saveScreen } from './screen.ts';
import { parseSaid, SerialPipe } from './serial-pipe.ts';
import { type TicketClaim, takeTicket } from './ticket.ts';
import { VncPipe } from './vnc-pipe.ts';

/** How long the browser may take to say its first word, and to answer that it is told to close. */
const GREETING_MS = 10_000;
const CLOSING_MS = 800;
/** Messages. */
const EARLY_MAX = 100;
/** A shorter look leaves the picture that is there. */
const SCREEN_AFTER_MS = 3_000;
/** After these the server, or the one who looked, is nobody's business any more. */
const NO_SCREEN: ReadonlySet<CloseCode> = new Set([CLOSE.deleted, CLOSE.permissionGone, CLOSE.restarting, CLOSE.off]);

export type ConsoleDeps = { pool: Pool; identity: () => ClientIdentity; log: Logger };
export type Connection = { ws: WebSocket; socket: Socket; ticket: string; requestId: string };

export class Console {
  readonly #deps: ConsoleDeps;
  readonly #connection: Connection;
  readonly #id = newId('con');
  readonly #aborted = new AbortController();
  #log: Logger;
  #state: State = begin.state;
  #claim: TicketClaim | null = null;
  #admitted: { hostId: string; userName: string } | null = null;
  #from: SerialPosition | null = null;
  #pipe: VncPipe | SerialPipe | null = null;
  #stream: Duplex | null = null;
  #first: Buffer = Buffer.alloc(0);
  #openedAt = 0;
  #actedAt = performance.now();
  #closedWith: CloseCode | null = null;
  #alive = 2;
  readonly #early: [Buffer, boolean][] = [];

  constructor(deps: ConsoleDeps, connection: Connection) {
    this.#deps = deps;
    this.#connection = connection;
    this.#log = deps.log.child({ consoleId: this.#id, requestId: connection.requestId });
    const { ws } = connection;
    ws.on('message', (data, isBinary) => this.#said(data, isBinary));
    // It has told the browser already.
    ws.on('error', (err) => this.#misspoke(err.message));
    ws.on('pong', () => {
      this.#alive = 2;
    });
    ws.on('close', () => this.#send({ is: 'browser-ended' }));
    // Nothing is read before somebody is there to whom it may go.
    ws.pause();
    for (const effect of begin.effects) this.#do(effect);
  }

  /** What must hold for it to stay; null while nothing does. */
  get asker(): Asker | null {
    return this.#claim && this.#admitted && !this.over ? { id: this.#id, ...this.#claim } : null;
  }

  get over(): boolean {
    return this.#state.at === 'closing' || this.#state.at === 'closed';
  }

  looked(standing: Extract<Event, { is: 'looked' }>['standing']): void {
    this.#send({ is: 'looked', standing, idleMs: performance.now() - this.#actedAt });
  }

  /** This process ends. */
  restarting(): void {
    this.#send({ is: 'restarting' });
  }

  /** Asks whether the browser is there; one that has neither answered nor taken anything twice is not. */
  ping(): void {
    if (this.#alive === 0) this.#connection.ws.terminate();
    else {
      this.#alive -= 1;
      this.#connection.ws.ping();
    }
  }

  #send(event: Event): void {
    const { state, effects } = next(this.#state, event);
    this.#state = state;
    for (const effect of effects) this.#do(effect);
    if (event.is === 'browser-ended') this.#pipe?.end();
  }

  #do(effect: Effect): void {
    if (effect.do === 'close') this.#close(effect.code);
    else if (effect.do === 'release') this.#release(effect.wasOpen);
    else this.#doers[effect.do]();
  }

  readonly #doers: Record<Exclude<Effect['do'], 'close' | 'release'>, () => void> = {
    take: () => this.#whenDone(this.#take()),
    admit: () => this.#whenDone(this.#admit()),
    greet: () => this.#greet(),
    dial: () => this.#whenDone(this.#dial()),
    ask: () => this.#whenDone(this.#ask()),
    begin: () => this.#begin(),
    drop: () => this.#stream?.destroy(),
    discard: () => this.#leave(),
  };

  /** What is left over is the database's failure, or a defect. */
  #whenDone(work: Promise<Event>): void {
    work
      .catch((err: unknown): Event => {
        this.#log.error({ err }, 'console: failed');
        return isLost(err) ? { is: 'restarting' } : { is: 'defect' };
      })
      .then((event) => this.#send(event));
  }

  async #take(): Promise<Event> {
    const claim = await takeTicket(this.#deps.pool, this.#connection.ticket, systemClock.now());
    if (claim === null) return { is: 'not-taken' };
    this.#claim = claim;
    const { kind, serverId, userId, viewOnly } = claim;
    this.#log = this.#log.child({ kind, serverId, userId, viewOnly });
    return { is: 'taken', kind };
  }

  async #admit(): Promise<Event> {
    const claim = this.#claim as TicketClaim;
    const admission = await admit(this.#deps.pool, { id: this.#id, ...claim }, claim.kind);
    if (!admission.ok) return { is: 'not-admitted', why: admission.why };
    this.#admitted = admission;
    const { ws, socket } = this.#connection;
    this.#pipe =
      claim.kind === 'vnc'
        ? new VncPipe(ws, socket, claim.viewOnly, this.#pipeEvents)
        : new SerialPipe(ws, this.#id, claim.viewOnly, this.#pipeEvents);
    return { is: 'admitted' };
  }

  #greet(): void {
    const timer = setTimeout(() => {
      if (this.#state.at === 'greeting') this.#misspoke('it does not say what it has seen');
    }, GREETING_MS);
    this.#connection.ws.once('close', () => clearTimeout(timer));
    this.#connection.ws.resume();
    this.#hearEarly();
  }

  async #dial(): Promise<Event> {
    const { pipe, claim, options } = this.#parts();
    return this.#unlessRefused(async () => {
      const target = await this.#target();
      const server = claim.serverId;
      if (pipe instanceof VncPipe) {
        const { socket, first } = await dialStreamInto(target, 'vnc', { server }, options, pipe.reader);
        this.#stream = socket;
        this.#first = first;
      } else {
        const from = this.#from ? `${this.#from.inode}.${this.#from.offset}` : undefined;
        const label = this.#admitted?.userName.slice(0, 200) || this.#id;
        const writer = claim.viewOnly ? {} : { writer: this.#id, label };
        this.#stream = await dialStream(target, 'serial', { server, from, ...writer }, options);
      }
      // It may fail at any time, also before anybody listens to what it says.
      this.#stream.on('error', () => {});
      return { is: 'dialled' };
    });
  }

  /** Opened once more, only to see whether it can be. */
  async #ask(): Promise<Event> {
    const { pipe, claim, options } = this.#parts();
    pipe.end();
    return this.#unlessRefused(async () => {
      const stream = await dialStream(await this.#target(), claim.kind, { server: claim.serverId }, options);
      stream.on('error', () => {}).destroy();
      return { is: 'answered' };
    });
  }

  async #unlessRefused(work: () => Promise<Event>): Promise<Event> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      this.#log.info({ err: error, code: error.code }, 'console: the host opens no stream');
      return { is: 'refused', code: error.code };
    }
  }

  #begin(): void {
    const { pipe } = this.#parts();
    const stream = this.#stream as Duplex;
    this.#openedAt = performance.now();
    this.#actedAt = this.#openedAt;
    const ended = () => this.#send({ is: 'host-ended' });
    stream.on('end', ended).on('close', ended);
    if (pipe instanceof VncPipe) pipe.begin(stream as TLSSocket, this.#first);
    else pipe.begin(stream);
    this.#log.info('console: open');
    this.#hearEarly();
    // It may have ended before anybody listened.
    if (stream.destroyed) ended();
  }

  #said(raw: RawData, isBinary: boolean): void {
    // ws's own type of binary message is a Buffer unless it is told otherwise.
    const data = raw as Buffer;
    if (this.#state.at === 'open') this.#pipe?.said(data, isBinary);
    else if (this.#state.at === 'greeting') this.#hear(isBinary ? null : parseSaid(data));
    else if (!this.over && this.#early.length < EARLY_MAX) this.#early.push([data, isBinary]);
    else this.#misspoke('it speaks before anybody hears it');
  }

  /** What was read while nobody was there to hear it: pausing does not hold back what came with the message before. */
  #hearEarly(): void {
    for (const [data, isBinary] of this.#early.splice(0)) this.#said(data, isBinary);
  }

  #hear(word: ReturnType<typeof parseSaid>): void {
    if (word?.t !== 'open') {
      this.#misspoke('the first word is not `open`');
      return;
    }
    this.#from = word.from;
    this.#connection.ws.pause();
    this.#send({ is: 'greeted' });
  }

  #misspoke(why: string): void {
    if (!this.over) this.#log.info({ why }, 'console: the browser does not keep to the contract');
    this.#send({ is: 'misspoke' });
  }

  #release(wasOpen: boolean): void {
    this.#aborted.abort();
    this.#pipe?.end();
    this.#stream?.destroy();
    this.#leave();
    const openMs = wasOpen ? Math.round(performance.now() - this.#openedAt) : 0;
    this.#log.info({ openMs, closedWith: this.#closedWith }, 'console: ended');
    const { claim } = this.#parts();
    if (claim.kind !== 'vnc' || openMs < SCREEN_AFTER_MS) return;
    if (this.#closedWith !== null && NO_SCREEN.has(this.#closedWith)) return;
    this.#target()
      .then((target) => saveScreen(this.#deps.pool, target, claim.serverId, this.#connection.requestId))
      .catch((err: unknown) => this.#log.info({ err }, 'console: no last screen'));
  }

  #leave(): void {
    // Where that fails the others stop counting it in 30 s.
    leave(this.#deps.pool, [this.#id]).catch((err: unknown) => this.#log.warn({ err }, 'console: its row stays'));
  }

  #close(code: CloseCode): void {
    this.#closedWith = code;
    const id = code === CLOSE.failed ? errorId() : '';
    if (id) this.#log.error({ errorId: id }, 'console: closed by a failure');
    const { ws } = this.#connection;
    ws.resume();
    ws.close(code, id);
    const timer = setTimeout(() => ws.terminate(), CLOSING_MS);
    ws.once('close', () => clearTimeout(timer));
  }

  #target = async (): Promise<Target> => {
    const { hostId } = this.#admitted as { hostId: string };
    return { host: await hostRecord(this.#deps.pool, hostId), identity: this.#deps.identity };
  };

  #parts() {
    return {
      claim: this.#claim as TicketClaim,
      pipe: this.#pipe as VncPipe | SerialPipe,
      options: { requestId: this.#connection.requestId, signal: this.#aborted.signal },
    };
  }

  readonly #pipeEvents: PipeEvents = {
    acted: () => {
      this.#actedAt = performance.now();
    },
    alive: () => {
      this.#alive = 2;
    },
    misspoke: (why) => this.#misspoke(why),
    hostMisspoke: (err) => {
      this.#log.error({ err }, 'console: the agent does not keep to the contract');
      this.#send({ is: 'defect' });
    },
  };
}
