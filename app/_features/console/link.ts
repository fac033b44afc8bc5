/**
 * What is said about a console over its socket, beside its bytes: how far away the proxy is, when it will close for
 * want of a hand, who ended it. One after the other of a page's sockets; what is known of one goes with it.
 */
import type { ControlSaid, ControlTold } from '../../../console-proxy/contract/messages.ts';
import { pageNow } from '../../_lib/clock/server-clock.ts';

const PING_MS = 5_000;

/** read-told.ts, which comes with the first console. */
type ReadTold = (text: string) => ControlTold | null;
interface Hears {
  idle: (told: Extract<ControlTold, { t: 'idle' }>) => void;
  ended: (told: Extract<ControlTold, { t: 'ended' }>) => void;
}

export class Link {
  #facts: LinkFacts = NOTHING;
  #socket: WebSocket | null = null;
  /** The last one, while it is not answered. */
  #asked: { n: number; at: number } | null = null;
  #n = 0;
  readonly #listeners = new Set<() => void>();

  /** Before anybody else listens to the socket: texts that are meant for here go no further. */
  attach(socket: WebSocket, read: ReadTold, hears: Hears): { detach: () => void } {
    this.#socket = socket;
    this.#set(NOTHING);
    let timer: ReturnType<typeof setInterval> | undefined;
    const onMessage = (event: MessageEvent<ArrayBuffer | string>) => {
      // It is open now, all the way to the host.
      if (timer === undefined) {
        timer = setInterval(this.#ask, PING_MS);
        this.#ask();
      }
      const told = typeof event.data === 'string' ? read(event.data) : null;
      if (told === null) return;
      event.stopImmediatePropagation();
      if (told.t === 'pong') this.#heard(told);
      else if (told.t === 'idle') hears.idle(told);
      else hears.ended(told);
    };
    socket.addEventListener('message', onMessage);
    document.addEventListener('visibilitychange', this.#ask);
    return {
      detach: () => {
        clearInterval(timer);
        socket.removeEventListener('message', onMessage);
        document.removeEventListener('visibilitychange', this.#ask);
        if (this.#socket !== socket) return;
        this.#socket = null;
        this.#set(NOTHING);
      },
    };
  }

  /** Somebody is here. */
  stay(): void {
    this.#say({ t: 'stay' });
  }

  get facts(): LinkFacts {
    return this.#facts;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Nothing while nobody looks. */
  readonly #ask = (): void => {
    if (document.visibilityState !== 'visible') {
      this.#asked = null;
      return;
    }
    // What was not answered in all that time is not known any more.
    if (this.#asked !== null) this.#set({ ...this.#facts, roundTripMs: null });
    this.#n += 1;
    this.#asked = { n: this.#n, at: pageNow() };
    this.#say({ t: 'ping', n: this.#n });
  };

  #heard({ n, you }: { n: number; you: string }): void {
    if (this.#asked?.n !== n) return;
    this.#set({ you, roundTripMs: Math.max(1, Math.round(pageNow() - this.#asked.at)) });
    this.#asked = null;
  }

  #set(facts: LinkFacts): void {
    this.#facts = facts;
    if (facts === NOTHING) this.#asked = null;
    for (const listener of this.#listeners) listener();
  }

  #say(said: ControlSaid): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(said));
  }
}

/** `you`: this console's id, as `consoles.who` lists it. Null: not known yet, or not any more. */
export interface LinkFacts {
  roundTripMs: number | null;
  you: string | null;
}
const NOTHING: LinkFacts = { roundTripMs: null, you: null };
