/**
 * The life of one console in the browser, as one function: state × event → state. It knows no socket and no clock:
 * times come with the events, what is to be done is read off the state (`dial`, `wakeAt`), what is said about it is
 * sentence.ts. Both consoles run on it.
 *
 * Two rules stand behind it:
 * - Nothing is asked of the host before somebody wants it, and nothing is asked without an end: whoever waits, waits
 *   for a server that a live query watches, or for RETRY_FOR_MS.
 * - What the server is, the live query says; the socket says only whether its bytes arrive. A socket to a screen that
 *   stands while the server is off is not "connected".
 */
import type { ConsoleEnding } from '../../../console-proxy/contract/messages.ts';
import { CLOSE, IDLE_MS, RESUMES } from '../../../console-proxy/contract/socket.ts';
import type { ServerPhase } from './server-phase.ts';

export type Phase =
  /** Nobody asked yet, or ended by who did. */
  | 'idle'
  /** A ticket is asked for, or a socket is opening. */
  | 'opening'
  | 'connected'
  /** Between two tries. */
  | 'reconnecting'
  /** For the server: it is off, or on its way. No socket. */
  | 'waiting'
  | 'gave-up'
  /** For good, until somebody asks again: `end` says why. */
  | 'ended';

export type End =
  | 'signed-out'
  | 'permission-gone'
  | 'deleted'
  | 'idle-limit'
  | 'too-many'
  | 'failed'
  | 'ended-by-person';

export interface ConsoleState {
  kind: 'vnc' | 'serial';
  phase: Phase;
  server: ServerPhase;
  /** Counts the tries; a new value is the order to make one. Events of older tries are not heard. */
  dial: number;
  /** Tries since the connection was lost, this one included; 0 while none was lost. */
  attempt: number;
  /** Since when the phase holds. */
  sinceMs: number;
  /** When the next try is due, in `reconnecting` and `waiting`. */
  retryAtMs: number | null;
  /** When the tries began that end at RETRY_FOR_MS. */
  lostAtMs: number | null;
  viewOnly: boolean;
  /** It was open since somebody asked for it: there was something to be lost. */
  wasOpen: boolean;
  /** Opening takes longer than SLOW_MS. */
  slow: boolean;
  /** Something of the guest was drawn or received in this connection. */
  drawn: boolean;
  /** Connected, and nothing drawn for SILENT_MS. */
  silent: boolean;
  end: End | null;
  endedAtMs: number | null;
  /** What the socket's end said besides its code: an error id. */
  reason: string;
  /** Keys were pressed while they could not be sent. */
  dropped: boolean;
  /** It closes unless somebody does something: when, and how long that was from the warning on. */
  idle: { closesAtMs: number; closesInMs: number } | null;
  /** For how long nobody may do anything. */
  idleLimitMs: number;
  /** Who ended it, where the proxy has said so. */
  ending: ConsoleEnding | null;
}

export type ConsoleEvent =
  | { type: 'connect' }
  | { type: 'disconnect' }
  /** The panel's answer to the request for a ticket. */
  | { type: 'ticket'; dial: number; viewOnly: boolean }
  | { type: 'refused'; dial: number; end: End; reason: string }
  /** The panel could not be asked, or says that there is no screen now. */
  | { type: 'unanswered'; dial: number }
  | { type: 'opened'; dial: number }
  | { type: 'drawn'; dial: number }
  /** It closes in so long; null: somebody did something. */
  | { type: 'idle'; dial: number; closesInMs: number | null; limitMs: number }
  /** A person ends it; the close follows. */
  | { type: 'ending'; dial: number; ending: ConsoleEnding }
  | { type: 'closed'; dial: number; code: number; reason: string }
  | { type: 'server'; server: ServerPhase }
  | { type: 'typed' }
  | { type: 'tick' };

export const SLOW_MS = 5_000;
export const SILENT_MS = 10_000;
const RETRY_MS = [500, 1_000, 2_000, 4_000, 8_000] as const;
const RETRY_LATER_MS = 10_000;
export const RETRY_FOR_MS = 5 * 60_000;
/** While the server comes up: its first lines are worth a try. */
export const COMING_UP_MS = 2_000;

export const start = (kind: ConsoleState['kind'], server: ServerPhase): ConsoleState => ({
  ...{ kind, phase: 'idle', server, dial: 0, attempt: 0, sinceMs: 0, retryAtMs: null, lostAtMs: null },
  ...{ viewOnly: false, wasOpen: false, slow: false, drawn: false, silent: false },
  ...{ end: null, endedAtMs: null, reason: '', dropped: false },
  ...{ idle: null, idleLimitMs: IDLE_MS, ending: null },
});

/** @param nowMs the page's clock · @param jitter 0 to 1 */
export function next(state: ConsoleState, event: ConsoleEvent, nowMs: number, jitter = 0.5): ConsoleState {
  if ('dial' in event && event.dial !== state.dial) return state;
  switch (event.type) {
    case 'connect':
      if (state.phase === 'opening' || state.phase === 'connected') return state;
      return begin({ ...state, attempt: 0, lostAtMs: null, dropped: false, wasOpen: false }, nowMs);
    case 'disconnect':
      return settle(state, 'idle', nowMs);
    case 'ticket':
      return state.phase === 'opening' ? { ...state, viewOnly: event.viewOnly } : state;
    case 'refused':
      return state.phase === 'opening' ? finish(state, event.end, event.reason, nowMs) : state;
    case 'unanswered':
      return state.phase === 'opening' ? lost(state, nowMs, jitter) : state;
    case 'opened':
      if (state.phase !== 'opening') return state;
      return {
        ...settle(state, 'connected', nowMs),
        viewOnly: state.viewOnly,
        wasOpen: true,
        drawn: false,
        dropped: false,
      };
    case 'drawn':
      return state.phase === 'connected' ? { ...state, drawn: true, silent: false, attempt: 0, lostAtMs: null } : state;
    case 'idle':
      return { ...state, idle: warning(event, nowMs), idleLimitMs: event.limitMs };
    case 'ending':
      return { ...state, ending: event.ending };
    case 'closed':
      return closed(state, event, nowMs, jitter);
    case 'server':
      return onServer({ ...state, server: event.server }, state.server, nowMs);
    case 'typed':
      return isSending(state) || state.phase === 'idle' || state.dropped ? state : { ...state, dropped: true };
    case 'tick':
      return tick(state, nowMs);
  }
}

/** Keys arrive. */
export const isSending = ({ phase, viewOnly, kind, server }: ConsoleState): boolean =>
  phase === 'connected' && !viewOnly && !(kind === 'serial' && server === 'off');

/** When `tick` has something to do next; null: never. */
export function wakeAt(state: ConsoleState): number | null {
  if (state.phase === 'opening' && !state.slow) return state.sinceMs + SLOW_MS;
  if (state.phase === 'connected' && !state.drawn && !state.silent) return state.sinceMs + SILENT_MS;
  return state.phase === 'reconnecting' || state.phase === 'waiting' ? state.retryAtMs : null;
}

function tick(state: ConsoleState, nowMs: number): ConsoleState {
  const due = wakeAt(state);
  if (due === null || nowMs < due) return state;
  if (state.phase === 'opening') return { ...state, slow: true };
  // It held for so long: the way back was found.
  if (state.phase === 'connected') return { ...state, silent: true, attempt: 0, lostAtMs: null };
  return open(state, nowMs);
}

/** A phase's beginning, with what the last one knew of its own time forgotten. */
function settle(state: ConsoleState, phase: Phase, nowMs: number): ConsoleState {
  const clean = { idle: null, slow: false, silent: false, retryAtMs: null, end: null, endedAtMs: null, reason: '' };
  const over = phase === 'idle' ? { attempt: 0, lostAtMs: null, viewOnly: false, dropped: false } : {};
  return { ...state, ...clean, ...over, phase, sinceMs: nowMs };
}

const warning = ({ closesInMs }: { closesInMs: number | null }, nowMs: number): ConsoleState['idle'] =>
  closesInMs === null ? null : { closesAtMs: nowMs + closesInMs, closesInMs };

const open = (state: ConsoleState, nowMs: number): ConsoleState => ({
  ...settle(state, 'opening', nowMs),
  ...{ dial: state.dial + 1, ending: null },
});

function finish(state: ConsoleState, end: End, reason: string, nowMs: number): ConsoleState {
  return { ...settle(state, 'ended', nowMs), end, reason, endedAtMs: nowMs };
}

/** A screen waits for its server; a serial port has a history in any case. */
function begin(state: ConsoleState, nowMs: number): ConsoleState {
  if (state.server === 'gone') return finish(state, 'deleted', '', nowMs);
  return state.kind === 'vnc' && state.server === 'off' ? settle(state, 'waiting', nowMs) : open(state, nowMs);
}

function closed(
  state: ConsoleState,
  { code, reason }: { code: number; reason: string },
  nowMs: number,
  jitter: number,
): ConsoleState {
  if (state.phase !== 'opening' && state.phase !== 'connected') return state;
  if (code === CLOSE.deleted) return finish({ ...state, server: 'gone' }, 'deleted', '', nowMs);
  // What a dead proxy held is counted for half a minute: on the way back there may seem to be too many.
  if (code === CLOSE.tooMany && state.lostAtMs !== null) return lost(state, nowMs, jitter);
  // Who reads too slowly is cut off before the code comes.
  const end = state.ending === null ? ends.get(code) : 'ended-by-person';
  if (end !== undefined) return finish(state, end, reason, nowMs);
  if (code === 1000 || RESUMES.has(code) || code === CLOSE.off) return lost(state, nowMs, jitter);
  return finish(state, 'failed', reason, nowMs);
}

const ends: ReadonlyMap<number, End> = new Map<number, End>([
  [CLOSE.signedOut, 'signed-out'],
  [CLOSE.permissionGone, 'permission-gone'],
  [CLOSE.idle, 'idle-limit'],
  [CLOSE.tooMany, 'too-many'],
  [CLOSE.endedByPerson, 'ended-by-person'],
]);

/** The way back: at once for the server that comes up, ever later for the rest, and not for ever. */
function lost(state: ConsoleState, nowMs: number, jitter: number): ConsoleState {
  const spread = 0.8 + 0.4 * jitter;
  if (state.server === 'gone') return finish(state, 'deleted', '', nowMs);
  if (state.server === 'off') return settle(state, 'waiting', nowMs);
  if (state.server === 'starting' || state.server === 'restarting')
    return { ...settle(state, 'waiting', nowMs), retryAtMs: nowMs + Math.round(COMING_UP_MS * spread) };
  const lostAtMs = state.lostAtMs ?? nowMs;
  if (nowMs - lostAtMs >= RETRY_FOR_MS) return { ...settle(state, 'gave-up', nowMs), attempt: 0, lostAtMs: null };
  const pauseMs = RETRY_MS[state.attempt] ?? RETRY_LATER_MS;
  return {
    ...settle(state, 'reconnecting', nowMs),
    ...{ attempt: state.attempt + 1, lostAtMs, retryAtMs: nowMs + Math.round(pauseMs * spread) },
  };
}

function onServer(state: ConsoleState, before: ServerPhase, nowMs: number): ConsoleState {
  const { phase, server } = state;
  if (server === before || phase === 'idle' || phase === 'ended' || phase === 'gave-up') return state;
  if (server === 'gone') return finish(state, 'deleted', '', nowMs);
  if (state.kind === 'vnc' && server === 'off')
    return settle({ ...state, attempt: 0, lostAtMs: null }, 'waiting', nowMs);
  const waits = phase === 'waiting' || phase === 'reconnecting';
  if (waits && server === 'off') return settle(state, 'waiting', nowMs);
  // It is here, or about to be: no need to wait for the next try.
  if (phase === 'waiting' && (server === 'running' || server === 'starting' || server === 'unknown'))
    return open({ ...state, attempt: 0, lostAtMs: null }, nowMs);
  return state;
}
