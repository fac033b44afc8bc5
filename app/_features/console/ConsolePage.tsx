'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useMemo } from 'react';
import { useTRPC } from '../../_lib/trpc/client.tsx';
import { QueryView } from '../../_ui/QueryView.tsx';
import { ScreenPage } from './screen/ScreenPage.tsx';
import { SerialPage } from './serial/SerialPage.tsx';

interface Props {
  serverId: string;
  userId: string;
  ownWindow: boolean;
  kind: 'vnc' | 'serial';
}

/** One of the two consoles of a server that the live query keeps true. */
export function ConsolePage({ serverId, userId, ownWindow, kind }: Props) {
  const t = useTranslations('servers.error');
  const trpc = useTRPC();
  const server = useQuery(trpc.servers.get.queryOptions({ serverId }));
  const installation = useQuery(trpc.catalog.installation.queryOptions());
  const both = useMemo(
    () => (server.data && installation.data ? { server: server.data, installation: installation.data } : undefined),
    [server.data, installation.data],
  );
  const Page = kind === 'vnc' ? ScreenPage : SerialPage;
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
