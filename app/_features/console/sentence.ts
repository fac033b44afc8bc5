/** What is said about a console's state: a key of the messages `console.said.*`, and what can be done about it. */
import { type ConsoleState, isSending } from './machine.ts';

export type SaidKey =
  | 'idle'
  | 'connecting'
  | 'slow'
  | 'stopped'
  | 'stoppedSerial'
  | 'waiting'
  | 'connected'
  | 'viewOnly'
  | 'silent'
  | 'silentChecking'
  | 'reconnecting'
  | 'retrying'
  | 'gaveUp'
  | 'restarting'
  | 'endedByPerson'
  | 'endedByStaff'
  | 'endedBySomebody'
  | 'idleLimit'
  | 'permissionGone'
  | 'signedOut'
  | 'tooMany'
  | 'deleted'
  | 'failed'
  | 'failedChecking';

export type Act = 'connect' | 'reconnect' | 'start' | 'signIn' | 'back';

export interface Said {
  key: SaidKey;
  /** Drawn over the picture; otherwise a line beside it. */
  covers: boolean;
  acts: Act[];
  /** What the header's mark says. */
  mark: 'on' | 'busy' | 'off';
}

/**
 * @param knowsServer the server's state was heard a moment ago: only then a sentence may name it
 */
export function said(state: ConsoleState, knowsServer: boolean): Said {
  switch (state.phase) {
    case 'idle':
      return { key: 'idle', covers: true, acts: ['connect'], mark: 'off' };
    case 'opening':
      if (state.attempt > 0) return onTheWay(state);
      if (state.server === 'restarting') return { key: 'restarting', covers: true, acts: [], mark: 'busy' };
      if (state.server === 'starting') return { key: 'waiting', covers: true, acts: [], mark: 'busy' };
      return { key: state.slow ? 'slow' : 'connecting', covers: true, acts: [], mark: 'busy' };
    case 'connected':
      return whileConnected(state, knowsServer);
    case 'reconnecting':
      return onTheWay(state);
    case 'waiting':
      if (state.server === 'off') return { key: 'stopped', covers: true, acts: ['start'], mark: 'off' };
      return { key: state.server === 'restarting' ? 'restarting' : 'waiting', covers: true, acts: [], mark: 'busy' };
    case 'gave-up':
      return { key: 'gaveUp', covers: true, acts: ['reconnect'], mark: 'off' };
    case 'ended':
      return afterEnd(state, knowsServer);
  }
}

/** Nothing is lost of what never was. */
const onTheWay = ({ wasOpen }: ConsoleState): Said => ({
  ...{ key: wasOpen ? 'reconnecting' : 'retrying', covers: true, acts: [], mark: 'busy' },
});

function whileConnected(state: ConsoleState, knowsServer: boolean): Said {
  const on = { covers: false, acts: [], mark: 'on' } satisfies Partial<Said>;
  // The history is there to be read; nothing is connected to.
  if (state.server === 'off') return { key: 'stoppedSerial', covers: false, acts: ['start'], mark: 'off' };
  if (state.silent) {
    const key = knowsServer && state.server === 'running' ? 'silent' : 'silentChecking';
    return { ...on, key, covers: state.kind === 'vnc' && key !== 'silent' };
  }
  return { ...on, key: state.viewOnly || !isSending(state) ? 'viewOnly' : 'connected' };
}

function afterEnd({ end, server, ending }: ConsoleState, knowsServer: boolean): Said {
  const ended = (key: SaidKey, ...acts: Act[]): Said => ({ key, covers: true, acts, mark: 'off' });
  switch (end) {
    case 'signed-out':
      return ended('signedOut', 'signIn');
    case 'permission-gone':
      return ended('permissionGone', 'back');
    case 'deleted':
      return ended('deleted', 'back');
    case 'idle-limit':
      return ended('idleLimit', 'reconnect');
    case 'too-many':
      return ended('tooMany', 'reconnect');
    case 'ended-by-person':
      return ended(endedBy(ending), 'reconnect');
    default:
      return ended(knowsServer && server === 'running' ? 'failed' : 'failedChecking', 'reconnect');
  }
}

function endedBy(ending: ConsoleState['ending']): SaidKey {
  if (ending?.byStaff === true) return 'endedByStaff';
  return ending?.name == null ? 'endedBySomebody' : 'endedByPerson';
}
