import type { TRPCClient } from '@trpc/client';
import type { AppRouter } from '../../../server/trpc/root.ts';
import type { OpenStream } from './leader.ts';

const firstPauseMs = 1000;
const longestPauseMs = 15_000;

/**
 * The event stream over SSE, opened again for as long as somebody listens. EventSource reconnects by itself
 * after a cut, but gives up for good on an answer that is no stream (nginx's 502 while the app restarts) and on
 * a clean end; then we wait and open anew from the last cursor.
 */
export function eventStream(client: TRPCClient<AppRouter>): OpenStream {
  return (from, listener) => {
    let cursor = from;
    let closed = false;
    let signedOut = false;
    let pause = firstPauseMs;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let subscription: { unsubscribe: () => void } | undefined;

    function again() {
      if (closed) return;
      listener.onState('connecting');
      // Not all browsers at the same moment.
      timer = setTimeout(connect, pause * (0.8 + 0.4 * Math.random()));
      pause = Math.min(pause * 2, longestPauseMs);
    }

    function connect() {
      if (closed) return;
      let ended = false;
      subscription = client.events.stream.subscribe(cursor === undefined ? {} : { lastEventId: cursor }, {
        onData: ({ data }) => {
          cursor = data.cursor;
          listener.onEvent(data);
        },
        onConnectionStateChange: ({ state }) => {
          if (ended || closed) return;
          if (state === 'pending') {
            pause = firstPauseMs;
            listener.onState('open');
          } else if (state === 'connecting') listener.onState('connecting');
        },
        onError: (error) => {
          if (ended || closed) return;
          ended = true;
          // Tabs that cannot share a stream: this one polls.
          if (error.data?.code === 'TOO_MANY_REQUESTS') pause = longestPauseMs;
          signedOut = error.data?.code === 'UNAUTHORIZED';
          if (signedOut) listener.onState('signed-out');
          else again();
        },
        onComplete: () => {
          if (ended || closed) return;
          ended = true;
          again();
        },
      });
    }

    /** Signed out: perhaps signed in again in another tab, when the person comes back to this one. */
    function onVisible() {
      if (signedOut && document.visibilityState === 'visible') {
        signedOut = false;
        again();
      }
    }

    document.addEventListener('visibilitychange', onVisible);
    connect();
    return () => {
      closed = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onVisible);
      subscription?.unsubscribe();
    };
  };
}
