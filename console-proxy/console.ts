/**
 * One console: does what its life (life.ts) says, and tells it how that went. What is admitted has a row in
 * ConsoleSession, and an agent's stream (host-side.ts) once that is dialled; both are given back by `release`.
 */
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { Pool } from 'pg';
import type { WebSocket } from 'ws';
import type { SerialPosition } from '../compute-agent/contract/streams.ts';
import type { ClientIdentity } from '../server/agent-client/connections.ts';
import { systemClock } from '../server/clock.ts';
import { errorId, newId } from '../server/ids.ts';
import type { Logger } from '../server/log.ts';
import { BrowserSide } from './browser-side.ts';
import { CLOSE, type CloseCode } from './contract/socket.ts';
import { isLost } from './database.ts';
import { HostSide } from './host-side.ts';
import { begin, type Effect, type Event, next, type State } from './life.ts';
import { type Asker, admit, type Found, leave } from './permission.ts';
import type { PipeEvents } from './pipe.ts';
import { parseSaid, SerialPipe } from './serial-pipe.ts';
import { Talk } from './talk.ts';
import { type TicketClaim, takeTicket } from './ticket.ts';
import { VncPipe } from './vnc-pipe.ts';

/** How long the browser may take to say its first word. */
const GREETING_MS = 10_000;
/** A shorter look leaves the picture that is there. */
const SCREEN_AFTER_MS = 3_000;
/** After these the server, or the one who looked, is nobody's business any more. */
const NO_SCREEN: ReadonlySet<CloseCode> = new Set([CLOSE.deleted, CLOSE.permissionGone, CLOSE.restarting, CLOSE.off]);

type Admitted = { hostId: string; userName: string };
export type ConsoleDeps = { pool: Pool; identity: () => ClientIdentity; log: Logger; idleMs: number };
export type Connection = { ws: WebSocket; socket: Socket; ticket: string; requestId: string };

export class Console {
  readonly #deps: ConsoleDeps;
  readonly #connection: Connection;
  readonly #id = newId('con');
  #log: Logger;
  #state: State = begin.state;
  #claim: TicketClaim | null = null;
  #admitted: Admitted | null = null;
  #from: SerialPosition | null = null;
  #pipe: VncPipe | SerialPipe | null = null;
  #host: HostSide | null = null;
  #openedAt = 0;
  #closedWith: CloseCode | null = null;
  readonly #browser: BrowserSide;
  readonly #talk: Talk;

  constructor(deps: ConsoleDeps, connection: Connection) {
    this.#deps = deps;
    this.#connection = connection;
    this.#log = deps.log.child({ consoleId: this.#id, requestId: connection.requestId });
    this.#browser = new BrowserSide(connection.ws, {
      said: (data, isBinary) => this.#said(data, isBinary),
      misspoke: (why) => this.#misspoke(why),
      ended: () => this.#send({ is: 'browser-ended' }),
    });
    this.#talk = new Talk(connection.ws, this.#id, deps.idleMs);
    for (const effect of begin.effects) this.#do(effect);
  }

  /** What must hold for it to stay; null while nothing does. */
  get asker(): Asker | null {
    return this.#claim && this.#admitted && !this.over ? { id: this.#id, ...this.#claim } : null;
  }

  get over(): boolean {
    return this.#state.at === 'closing' || this.#state.at === 'closed';
  }

  looked({ standing, ending }: Found): void {
    if (this.over) return;
    // A close has no room for it.
    if (standing === 'ended' && ending) this.#talk.tell({ t: 'ended', ...ending });
    this.#send({ is: 'looked', standing, idle: this.#state.at === 'open' && this.#talk.idle.look() });
  }

  /** This process ends. */
  restarting(): void {
    this.#send({ is: 'restarting' });
  }

  ping(): void {
    this.#browser.ping();
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
    drop: () => this.#host?.drop(),
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
    const { ws, socket, requestId } = this.#connection;
    const { hostId } = admission;
    this.#host = new HostSide({ ...this.#deps, log: this.#log }, { id: this.#id, hostId, requestId, claim });
    this.#pipe =
      claim.kind === 'vnc'
        ? new VncPipe(ws, socket, claim.viewOnly, this.#pipeEvents)
        : new SerialPipe(ws, this.#id, claim.viewOnly, this.#pipeEvents);
    return { is: 'admitted' };
  }

  #greet(): void {
    this.#browser.after(GREETING_MS, () => {
      if (this.#state.at === 'greeting') this.#misspoke('it does not say what it has seen');
    });
    this.#connection.ws.resume();
    this.#browser.hearHeld();
  }

  #dial(): Promise<Event> {
    const { pipe, host, admitted } = this.#parts();
    return host.dial(pipe, { from: this.#from, label: admitted.userName.slice(0, 200) || this.#id });
  }

  /** Opened once more, only to see whether it can be. */
  #ask(): Promise<Event> {
    const { pipe, host } = this.#parts();
    pipe.end();
    return host.ask();
  }

  #begin(): void {
    const { pipe, host } = this.#parts();
    const stream = host.stream as Duplex;
    this.#openedAt = performance.now();
    this.#talk.idle.acted();
    const ended = () => this.#send({ is: 'host-ended' });
    stream.on('end', ended).on('close', ended);
    if (pipe instanceof VncPipe) pipe.begin(stream as TLSSocket, host.first);
    else pipe.begin(stream);
    this.#log.info('console: open');
    this.#browser.hearHeld();
    // It may have ended before anybody listened.
    if (stream.destroyed) ended();
  }

  #said(data: Buffer, isBinary: boolean): void {
    if (this.#state.at === 'open') {
      if (isBinary || !this.#talk.heard(data)) this.#pipe?.said(data, isBinary);
    } else if (this.#state.at === 'greeting') this.#hear(isBinary ? null : parseSaid(data));
    else if (this.over || !this.#browser.hold(data, isBinary)) this.#misspoke('it speaks before anybody hears it');
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
    this.#host?.end();
    this.#pipe?.end();
    this.#leave();
    const openMs = wasOpen ? Math.round(performance.now() - this.#openedAt) : 0;
    this.#log.info({ openMs, closedWith: this.#closedWith }, 'console: ended');
    const { claim, host } = this.#parts();
    if (claim.kind !== 'vnc' || openMs < SCREEN_AFTER_MS) return;
    if (this.#closedWith !== null && NO_SCREEN.has(this.#closedWith)) return;
    host.keepScreen().catch((err: unknown) => this.#log.info({ err }, 'console: no last screen'));
  }

  #leave(): void {
    // Where that fails the others stop counting it in 30 s.
    leave(this.#deps.pool, [this.#id]).catch((err: unknown) => this.#log.warn({ err }, 'console: its row stays'));
  }

  #close(code: CloseCode): void {
    this.#closedWith = code;
    const id = code === CLOSE.failed ? errorId() : '';
    if (id) this.#log.error({ errorId: id }, 'console: closed by a failure');
    this.#browser.close(code, id);
  }

  #parts() {
    return {
      claim: this.#claim as TicketClaim,
      admitted: this.#admitted as Admitted,
      host: this.#host as HostSide,
      pipe: this.#pipe as VncPipe | SerialPipe,
    };
  }

  readonly #pipeEvents: PipeEvents = {
    acted: () => this.#talk.idle.acted(),
    alive: () => this.#browser.alive(),
    misspoke: (why) => this.#misspoke(why),
    hostMisspoke: (err) => {
      this.#log.error({ err }, 'console: the agent does not keep to the contract');
      this.#send({ is: 'defect' });
    },
  };
}
