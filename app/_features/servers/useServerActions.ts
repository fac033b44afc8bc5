'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { ServerAction } from '../../../server/servers/schema.ts';
import { failureOf } from '../../_lib/errors.ts';
import { useTRPC } from '../../_lib/trpc/client.tsx';

/**
 * The acts on one server. The server's own answer, read again after each, draws the page; a refusal stays in
 * `refusal` until the next act. `announcement` is for the page's one polite live region.
 */
export function useServerActions(serverId: string) {
  const t = useTranslations('servers');
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [refusal, setRefusal] = useState<{ action: ServerAction; error: unknown } | null>(null);
  const [announcement, setAnnouncement] = useState('');

  function handlers(action: ServerAction) {
    return {
      onMutate: () => setRefusal(null),
      onSuccess: () => setAnnouncement(t(`announce.${action}`)),
      onError: (error: unknown) => {
        // These two tell it in their dialog, beside what was typed.
        if (action === 'rename' || action === 'delete') return;
        // Somebody else's operation is no failure: the strip that appears tells whose it is.
        if (failureOf(error).code !== 'OPERATION_RUNNING') setRefusal({ action, error });
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
  const rename = useMutation(trpc.servers.rename.mutationOptions(handlers('rename')));

  return {
    start: { run: () => start.mutate({ serverId }), busy: start.isPending },
    stop: { run: () => stop.mutateAsync({ serverId }), busy: stop.isPending },
    restart: {
      run: (onTimeout: 'give-up' | 'force-off') => restart.mutateAsync({ serverId, onTimeout }),
      busy: restart.isPending,
    },
    forceOff: { run: () => forceOff.mutateAsync({ serverId }), busy: forceOff.isPending },
    delete: {
      run: (confirmName: string) => remove.mutateAsync({ serverId, confirmName }),
      busy: remove.isPending,
    },
    rename: { run: (name: string) => rename.mutateAsync({ serverId, name }), busy: rename.isPending },
    /** A request is on the way. */
    busy: [start, stop, restart, forceOff, remove, rename].some((mutation) => mutation.isPending),
    refusal,
    forgetRefusal: () => setRefusal(null),
    announcement,
  };
}
export type ServerActions = ReturnType<typeof useServerActions>;
