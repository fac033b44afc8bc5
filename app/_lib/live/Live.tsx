'use client';

import { useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, use, useEffect, useRef, useState } from 'react';
import { pageNow } from '../clock/server-clock.ts';
import { useTRPCClient } from '../trpc/client.tsx';
import { gatherSubjects } from './gather.ts';
import { joinTabs, type StreamState } from './leader.ts';
import { rereadBy } from './reread.ts';
import { holdsRunningOperation } from './running.ts';
import { eventStream } from './stream.ts';

interface LiveState {
  stream: StreamState;
  /** When the control plane was last heard, on the page's clock (clock/server-clock.ts); null before the first time. */
  lastContactMs: number | null;
}
const LiveContext = createContext<LiveState>({ stream: 'connecting', lastContactMs: null });

export function useLive(): LiveState {
  return use(LiveContext);
}

/** The stream says that it is open a moment before it listens to the table. */
const settleMs = 150;

/** Keeps every query of the page true: events make it read again, and the clock, where nobody can tell (reread.ts). */
export function LiveProvider({ userId, children }: { userId: string; children: ReactNode }) {
  const queryClient = useQueryClient();
  const client = useTRPCClient();
  const [stream, setStream] = useState<StreamState>('connecting');
  const [lastContactMs, setLastContactMs] = useState<number | null>(null);
  const streamRef = useRef<StreamState>('connecting');

  useEffect(() => {
    // The page itself was just read.
    setLastContactMs(pageNow());
    let rereading: ReturnType<typeof setTimeout> | undefined;
    const gathered = gatherSubjects((filters) => void queryClient.invalidateQueries(filters));
    const leave = joinTabs(userId, eventStream(client), {
      onEvent: ({ subject }) => {
        setLastContactMs(pageNow());
        gathered.add(subject);
      },
      onState: (next) => {
        // What changed between the page's reading and the stream's start was told to nobody: read again.
        if (next === 'open' && streamRef.current !== 'open') {
          clearTimeout(rereading);
          rereading = setTimeout(() => void queryClient.invalidateQueries(), settleMs);
        }
        if (next === 'open' || streamRef.current === 'open') setLastContactMs(pageNow());
        streamRef.current = next;
        setStream(next);
      },
    });
    return () => {
      leave();
      gathered.close();
      clearTimeout(rereading);
    };
  }, [client, queryClient, userId]);

  // Any answer is contact too.
  useEffect(
    () =>
      queryClient.getQueryCache().subscribe((event) => {
        if (event.type === 'updated' && event.action.type === 'success' && !event.action.manual) {
          setLastContactMs(pageNow());
        }
      }),
    [queryClient],
  );

  useEffect(
    () =>
      rereadBy(stream, {
        isBusy: () =>
          queryClient
            .getQueryCache()
            .findAll({ type: 'active' })
            .some((query) => holdsRunningOperation(query.state.data)),
        isVisible: () => document.visibilityState === 'visible',
        read: () => void queryClient.invalidateQueries(),
      }),
    [stream, queryClient],
  );

  return <LiveContext value={{ stream, lastContactMs }}>{children}</LiveContext>;
}
