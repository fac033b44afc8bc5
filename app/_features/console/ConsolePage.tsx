'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { type ComponentType, useMemo } from 'react';
import { useTRPC } from '../../_lib/trpc/client.tsx';
import { QueryView } from '../../_ui/QueryView.tsx';
import type { ConsolePageProps } from './ConsoleFrame.tsx';

export interface ConsoleRouteProps {
  serverId: string;
  userId: string;
  ownWindow: boolean;
}

/** One of the two consoles of a server that the live query keeps true; each route loads its own alone. */
export function ConsolePage({
  serverId,
  userId,
  ownWindow,
  Page,
}: ConsoleRouteProps & { Page: ComponentType<ConsolePageProps> }) {
  const t = useTranslations('servers.error');
  const trpc = useTRPC();
  const server = useQuery(trpc.servers.get.queryOptions({ serverId }));
  const installation = useQuery(trpc.catalog.installation.queryOptions());
  const both = useMemo(
    () => (server.data && installation.data ? { server: server.data, installation: installation.data } : undefined),
    [server.data, installation.data],
  );
  return (
    <QueryView
      query={{
        data: both,
        error: server.error ?? installation.error,
        isFetching: server.isFetching || installation.isFetching,
        refetch: () => Promise.all([server.refetch(), installation.refetch()]),
      }}
      skeleton={null}
      errorTitle={t('title')}
      errorFact={t('body')}
    >
      {(data) => <Page {...data} userId={userId} ownWindow={ownWindow} />}
    </QueryView>
  );
}
