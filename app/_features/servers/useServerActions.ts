'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { ServerAction, ServerView } from '../../../server/servers/schema.ts';
import { failureOf } from '../../_lib/errors.ts';
import { useTRPC } from '../../_lib/trpc/client.tsx';
import { createClientKeys, momentOf } from './client-keys.ts';

/**
 * The acts on one server. The server's own answer, read again after each, draws the page; a refusal stays in
 * `refusal` until the next act, and is handed to `onRefused` where another part of the page tells it. `announcement` is for the page's one polite live region.
 */
export function useServerActions(server: ServerView, onRefused?: (error: unknown) => void) {
  const serverId = server.id;
  const t = useTranslations('servers');
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [refusal, setRefusal] = useState<{ action: ServerAction; error: unknown } | null>(null);
  const [announcement, setAnnouncement] = useState('');
  const [keyOf] = useState(() => createClientKeys(() => crypto.randomUUID()));
  /** What every act carries that makes an operation. */
  const keyed = (act: ServerAction, content?: string) => ({
    serverId,
    clientKey: keyOf(momentOf(server), act, content),
  });

  function handlers(action: ServerAction) {
    return {
      onMutate: () => setRefusal(null),
      onSuccess: () => setAnnouncement(t(`announce.${action}`)),
      onError: (error: unknown) => {
        // These two tell it in their dialog, beside what was typed.
        if (action === 'rename' || action === 'delete') return;
        // Somebody else's operation is no failure: the strip that appears tells whose it is.
        if (failureOf(error).code === 'OPERATION_RUNNING') return;
        setRefusal({ action, error });
        onRefused?.(error);
      },
      onSettled: () =>
        Promise.all([
          queryClient.invalidateQueries({ queryKey: trpc.servers.pathKey() }),
          queryClient.invalidateQueries({ queryKey: trpc.operations.pathKey() }),
        ]),
    };
  }

  const start = useMutation(trpc.servers.start.mutationOptions(handlers('start')));
  const stop = useMutation(trpc.servers.stop.mutationOptions(handlers('stop')));
  const restart = useMutation(trpc.servers.restart.mutationOptions(handlers('restart')));
  const forceOff = useMutation(trpc.servers.forceOff.mutationOptions(handlers('force-off')));
  const remove = useMutation(trpc.servers.delete.mutationOptions(handlers('delete')));
  const protect = useMutation(trpc.servers.protect.mutationOptions(handlers('protect')));
  const rename = useMutation(trpc.servers.rename.mutationOptions(handlers('rename')));

  return {
    start: { run: () => start.mutate(keyed('start')), busy: start.isPending },
    stop: { run: () => stop.mutateAsync(keyed('stop')), busy: stop.isPending },
    restart: {
      run: (onTimeout: 'give-up' | 'force-off') => restart.mutateAsync({ ...keyed('restart', onTimeout), onTimeout }),
      busy: restart.isPending,
    },
    forceOff: { run: () => forceOff.mutateAsync(keyed('force-off')), busy: forceOff.isPending },
    delete: {
      run: (confirmName: string) => remove.mutateAsync({ ...keyed('delete'), confirmName }),
      busy: remove.isPending,
    },
    protect: { run: (on: boolean) => protect.mutate({ serverId, on }), busy: protect.isPending },
    rename: { run: (name: string) => rename.mutateAsync({ serverId, name }), busy: rename.isPending },
    /** A request is on the way. */
    busy: [start, stop, restart, forceOff, remove, protect, rename].some((mutation) => mutation.isPending),
    refusal,
    forgetRefusal: () => setRefusal(null),
    announcement,
  };
}
export type ServerActions = ReturnType<typeof useServerActions>;
