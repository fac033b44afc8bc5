/**
 * A console's life: one pure function from what it is and what happened to what it is then and what is to be done.
 * It knows no sockets and no clock; console.ts does what it says and tells it how that went.
 *
 *   ticket → checking → (greeting, serial only) → dialling → open → asking → closing → closed
 *
 * Any of them may go straight to `closing`. Whatever the order in which things happen: what was admitted is released
 * once, a socket is told to close once, and nothing passes any more from then on. What belongs to a stage that is over
 * (an agent that answers the one who has left) changes nothing, or is dropped.
 */
import type { AgentErrorCode } from '../compute-agent/contract/errors.ts';
import { CLOSE, type CloseCode } from './contract/socket.ts';
import type { Refusal, Standing } from './permission.ts';

export type Kind = 'vnc' | 'serial';

export type State =
  | { at: 'ticket' }
  | { at: 'checking'; kind: Kind }
  /** Admitted; a serial console says first what it has seen already. */
  | { at: 'greeting' }
  | { at: 'dialling'; kind: Kind }
  | { at: 'open'; kind: Kind }
  /** The host's end is closed: is the guest off, or the host away? */
  | { at: 'asking' }
  | { at: 'closing' }
  | { at: 'closed' };

export type Event =
  | { is: 'taken'; kind: Kind }
  | { is: 'not-taken' }
  | { is: 'admitted' }
  | { is: 'not-admitted'; why: Refusal }
  /** The browser's first word, serial. */
  | { is: 'greeted' }
  | { is: 'dialled' }
  /** Dialling or asking ended with the agent's word, or with none. */
  | { is: 'refused'; code: AgentErrorCode }
  /** Asked again the host would open a stream. */
  | { is: 'answered' }
  | { is: 'host-ended' }
  | { is: 'browser-ended' }
  /** The browser sent what the contract does not know, or did not say its first word in time. */
  | { is: 'misspoke' }
  /** `idle`: there was no key and no click for as long as there may be. */
  | { is: 'looked'; standing: Standing; idle: boolean }
  /** The database cannot be reached, or this process ends. */
  | { is: 'restarting' }
  | { is: 'defect' };

/**
 * take, admit: ask the database · greet: wait for the browser's first word · dial, ask: the host · drop: an open stream
 * that nobody waits for · begin: let bytes pass · close: tell the browser, no byte passes any more; `failed` is
 * logged under an error id, which is the reason · release: give back what was admitted, end the stream · discard: what
 * is admitted too late
 */
export type Effect =
  | { do: 'take' | 'admit' | 'greet' | 'dial' | 'drop' | 'begin' | 'ask' | 'discard' }
  | { do: 'release'; wasOpen: boolean }
  | { do: 'close'; code: CloseCode };

type Next = { state: State; effects: Effect[] };

export const begin: Next = { state: { at: 'ticket' }, effects: [{ do: 'take' }] };

/** Between these a row in ConsoleSession is ours. */
const ADMITTED: ReadonlySet<State['at']> = new Set(['greeting', 'dialling', 'open', 'asking']);

export function next(state: State, event: Event): Next {
  if (state.at === 'closed' || state.at === 'closing') return over(state, event);
  switch (event.is) {
    case 'taken':
      if (state.at !== 'ticket') return same(state);
      return { state: { at: 'checking', kind: event.kind }, effects: [{ do: 'admit' }] };
    case 'not-taken':
      return state.at === 'ticket' ? close(state, CLOSE.ticket) : same(state);
    case 'admitted':
      if (state.at !== 'checking') return same(state, { do: 'discard' });
      return state.kind === 'serial'
        ? { state: { at: 'greeting' }, effects: [{ do: 'greet' }] }
        : { state: { at: 'dialling', kind: 'vnc' }, effects: [{ do: 'dial' }] };
    case 'not-admitted':
      return state.at === 'checking' ? close(state, refusalCodes[event.why]) : same(state);
    case 'greeted':
      if (state.at !== 'greeting') return close(state, CLOSE.protocol);
      return { state: { at: 'dialling', kind: 'serial' }, effects: [{ do: 'dial' }] };
    case 'dialled':
      if (state.at !== 'dialling') return same(state, { do: 'drop' });
      return { state: { at: 'open', kind: state.kind }, effects: [{ do: 'begin' }] };
    case 'refused':
      return state.at === 'dialling' || state.at === 'asking' ? close(state, agentCode(event.code)) : same(state);
    case 'answered':
      return state.at === 'asking' ? close(state, CLOSE.hostAway) : same(state);
    case 'host-ended':
      return state.at === 'open' ? { state: { at: 'asking' }, effects: [{ do: 'ask' }] } : same(state);
    case 'browser-ended':
      return { state: { at: 'closed' }, effects: released(state) };
    case 'misspoke':
      return close(state, CLOSE.protocol);
    case 'looked':
      if (event.standing !== 'good') return close(state, refusalCodes[event.standing]);
      return event.idle ? close(state, CLOSE.idle) : same(state);
    case 'restarting':
      return close(state, CLOSE.restarting);
    case 'defect':
      return close(state, CLOSE.failed);
  }
}

/** Only what comes too late is still to be dealt with. */
function over(state: State, event: Event): Next {
  if (event.is === 'browser-ended') return { state: { at: 'closed' }, effects: [] };
  if (event.is === 'admitted') return same(state, { do: 'discard' });
  if (event.is === 'dialled') return same(state, { do: 'drop' });
  return same(state);
}

const same = (state: State, ...effects: Effect[]): Next => ({ state, effects });

const close = (state: State, code: CloseCode): Next => ({
  state: { at: 'closing' },
  effects: [{ do: 'close', code }, ...released(state)],
});

const released = (state: State): Effect[] =>
  ADMITTED.has(state.at) ? [{ do: 'release', wasOpen: state.at === 'open' || state.at === 'asking' }] : [];

const refusalCodes: Record<Refusal | Exclude<Standing, 'good'>, CloseCode> = {
  ended: CLOSE.endedByPerson,
  signedOut: CLOSE.signedOut,
  permissionGone: CLOSE.permissionGone,
  deleted: CLOSE.deleted,
  tooMany: CLOSE.tooMany,
  // It has no place yet (being made), or no more.
  noBody: CLOSE.off,
};

function agentCode(code: AgentErrorCode): CloseCode {
  // Without a domain there is none yet: it is being made. When it is being deleted the next look says so.
  if (code === 'HYPERVISOR' || code === 'NO_SUCH_DOMAIN') return CLOSE.off;
  if (code === 'HYPERVISOR_AWAY' || code === 'BUSY' || code === 'UNKNOWN_OUTCOME') return CLOSE.hostAway;
  return CLOSE.failed;
}
