/** A console and its clock, for tests. */
import { type ConsoleEvent, type ConsoleState, next, start, wakeAt } from './machine.ts';
import { said } from './sentence.ts';
import type { ServerPhase } from './server-phase.ts';

type Kind = ConsoleState['kind'];
/** An event without the try's number is of the present try. */
export type Told = ConsoleEvent extends infer E ? (E extends { dial: number } ? Omit<E, 'dial'> : E) : never;

export function aConsole(kind: Kind, server: ServerPhase = 'running') {
  let state = start(kind, server);
  let nowMs = 1000;
  const console = {
    get state() {
      return state;
    },
    at: (ms: number) => {
      nowMs += ms;
      return console;
    },
    tell(...events: Told[]) {
      for (const event of events) state = next(state, { dial: state.dial, ...event } as ConsoleEvent, nowMs);
      return console;
    },
    /** To when the machine asked to be woken, and wakes it. */
    wake() {
      const due = wakeAt(state);
      if (due === null) throw new Error(`nothing is due in ${state.phase}`);
      nowMs = Math.max(nowMs, due);
      state = next(state, { type: 'tick' }, nowMs);
      return console;
    },
    now: () => nowMs,
    key: (knows = true) => said(state, knows).key,
    mark: () => said(state, true).mark,
  };
  return console;
}
export const connected = (kind: Kind) =>
  aConsole(kind).tell({ type: 'connect' }, { type: 'ticket', viewOnly: false }, { type: 'opened' }, { type: 'drawn' });
export const cut = (code = 1006, reason = ''): Told => ({ type: 'closed', code, reason });
