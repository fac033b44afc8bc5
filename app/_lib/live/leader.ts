/**
 * One event stream per browser. The tab that holds the Web Lock keeps the stream; it tells the others over a
 * BroadcastChannel. When it closes, the lock passes to another tab, which goes on from the last cursor that
 * everybody heard. Without Web Locks (no secure context) each tab keeps a stream of its own.
 */
import type { EventView } from '../../../server/events/schema.ts';

export type StreamState = 'connecting' | 'open' | 'signed-out';

/** What a tab hears, from its own stream or from the leader's. */
export interface Listener {
  onEvent: (event: EventView) => void;
  onState: (state: StreamState) => void;
}

/** Opens the stream from `cursor` (undefined: from now on); returns how to close it. */
export type OpenStream = (cursor: string | undefined, listener: Listener) => () => void;

type Message = { type: 'event'; event: EventView } | { type: 'state'; state: StreamState } | { type: 'hello' };

/** Joins the browser's tabs; returns how to leave. `scope` keeps the sessions of two people apart. */
export function joinTabs(scope: string, openStream: OpenStream, listener: Listener): () => void {
  const leaving = new AbortController();
  const name = `tsubo-live-${scope}`;
  const channel = new BroadcastChannel(name);
  let leading = false;
  let state: StreamState = 'connecting';
  let cursor: string | undefined;

  channel.onmessage = ({ data }: MessageEvent<Message>) => {
    if (data.type === 'hello') {
      if (leading) channel.postMessage({ type: 'state', state } satisfies Message);
    } else if (data.type === 'state') {
      listener.onState(data.state);
    } else {
      cursor = data.event.cursor;
      listener.onEvent(data.event);
    }
  };
  channel.postMessage({ type: 'hello' } satisfies Message);

  function lead(): Promise<void> {
    leading = true;
    const close = openStream(cursor, {
      onEvent(event) {
        cursor = event.cursor;
        channel.postMessage({ type: 'event', event } satisfies Message);
        listener.onEvent(event);
      },
      onState(next) {
        state = next;
        channel.postMessage({ type: 'state', state } satisfies Message);
        listener.onState(next);
      },
    });
    return new Promise((resolve) => {
      leaving.signal.addEventListener('abort', () => {
        close();
        resolve();
      });
    });
  }

  const locks = navigator.locks as LockManager | undefined;
  if (locks === undefined) void lead();
  // The rejection is our own abort while still waiting for the lock.
  else locks.request(name, { signal: leaving.signal }, lead).catch(() => undefined);

  return () => {
    leaving.abort();
    channel.close();
  };
}
