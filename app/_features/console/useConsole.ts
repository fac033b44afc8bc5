'use client';

import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { CONSOLE_PATH, PROTOCOL, TICKET_PREFIX } from '../../../console-proxy/contract/socket.ts';
import type { ServerView } from '../../../server/servers/schema.ts';
import { pageNow } from '../../_lib/clock/server-clock.ts';
import { failureOf } from '../../_lib/errors.ts';
import { useLive } from '../../_lib/live/Live.tsx';
import { useTRPC, useTRPCClient } from '../../_lib/trpc/client.tsx';
import { Link } from './link.ts';
import { type ConsoleEvent, type ConsoleState, type End, next, start, wakeAt } from './machine.ts';
import { type Said, said } from './sentence.ts';
import { serverPhase } from './server-phase.ts';

/** What a view does with a socket: it draws what comes and sends what is typed, until `detach`. */
export type Attach = (
  socket: WebSocket,
  line: { viewOnly: boolean; opened: () => void; drawn: () => void },
) => { detach: () => void };

export interface Console {
  state: ConsoleState;
  said: Said;
  tell: (event: ConsoleEvent) => void;
  /** What the proxy says about the connection itself. */
  link: Link;
  connect: () => void;
  disconnect: () => void;
}

/**
 * One console: the machine (machine.ts) with its clock, its server and its sockets.
 * @param load loads what the view draws with, then answers how a socket is drawn. Called before a ticket is asked
 *   for, since that lives for seconds. Must not change.
 */
export function useConsole(
  server: ServerView,
  kind: ConsoleState['kind'],
  { load, wantsViewOnly = false }: { load: () => Promise<Attach>; wantsViewOnly?: boolean },
): Console {
  const client = useTRPCClient();
  const { stream } = useLive();
  const [state, setState] = useState(() => start(kind, serverPhase(server.state)));
  const current = useRef(state);
  const [link] = useState(() => new Link());
  const tell = useCallback((event: ConsoleEvent) => {
    current.current = next(current.current, event, pageNow(), Math.random());
    setState(current.current);
  }, []);

  const phase = serverPhase(server.state);
  useEffect(() => tell({ type: 'server', server: phase }), [phase, tell]);

  const due = wakeAt(state);
  useEffect(() => {
    if (due === null) return;
    const timer = setTimeout(() => tell({ type: 'tick' }), Math.max(0, due - pageNow()) + 1);
    return () => clearTimeout(timer);
  }, [due, tell]);

  const { dial } = state;
  const holds = state.phase === 'opening' || state.phase === 'connected';
  const serverId = server.id;
  useEffect(() => {
    if (!holds) return;
    let over = false;
    let close = () => {};
    void (async () => {
      // The shapes of messages are no part of a page's first load.
      const [attach, { readTold }] = await Promise.all([load(), import('./read-told.ts')]);
      if (over) return;
      const { ticket, viewOnly } = await client.consoles.open.mutate({ serverId, kind, viewOnly: wantsViewOnly });
      if (over) return;
      tell({ type: 'ticket', dial, viewOnly });
      const url = new URL(CONSOLE_PATH, window.location.href);
      url.protocol = url.protocol.replace('http', 'ws');
      const socket = new WebSocket(url, [PROTOCOL, `${TICKET_PREFIX}${ticket}`]);
      socket.binaryType = 'arraybuffer';
      socket.addEventListener('close', ({ code, reason }) => {
        if (!over) tell({ type: 'closed', dial, code, reason });
      });
      const control = link.attach(socket, readTold, {
        idle: ({ closesInMs, limitMs }) => tell({ type: 'idle', dial, closesInMs, limitMs }),
        ended: ({ t: _, ...ending }) => tell({ type: 'ending', dial, ending }),
      });
      const { detach } = attach(socket, {
        viewOnly,
        opened: () => tell({ type: 'opened', dial }),
        drawn: () => tell({ type: 'drawn', dial }),
      });
      close = () => {
        detach();
        control.detach();
        socket.close(1000);
      };
    })().catch((error: unknown) => {
      if (!over) tell({ ...refusal(error), dial });
    });
    return () => {
      over = true;
      close();
    };
  }, [holds, dial, load, client, kind, serverId, tell, link, wantsViewOnly]);

  return {
    state,
    said: said(state, stream === 'open' && !server.stale),
    tell,
    link,
    connect: useCallback(() => tell({ type: 'connect' }), [tell]),
    disconnect: useCallback(() => tell({ type: 'disconnect' }), [tell]),
  };
}

type Refusal = { type: 'unanswered' } | { type: 'refused'; end: End; reason: string };

/** Why there is no ticket. What passes by itself is tried again. */
function refusal(error: unknown): Refusal {
  const { code, params, id } = failureOf(error);
  const end = (name: End, reason = ''): Refusal => ({ type: 'refused', end: name, reason });
  switch (code) {
    case 'UNAUTHENTICATED':
      return end('signed-out');
    case 'NOT_FOUND':
    case 'ROLE_REQUIRED':
      return end('permission-gone');
    case 'NOT_POSSIBLE':
      // Off since a moment ago: the live query tells.
      return params.reason === 'already-stopped' ? { type: 'unanswered' } : end('deleted');
    case 'INTERNAL':
      return end('failed', id ?? '');
    default:
      return { type: 'unanswered' };
  }
}

/** Who else is here, while a console is open; and which servers have one, for who reached the limit. */
export function useWho(serverId: string, { phase, end }: ConsoleState) {
  const trpc = useTRPC();
  const asks = phase === 'connected' || end === 'too-many';
  return useQuery({
    ...trpc.consoles.who.queryOptions({ serverId }),
    enabled: asks,
    refetchInterval: asks ? 10_000 : false,
    staleTime: 5_000,
  }).data;
}
