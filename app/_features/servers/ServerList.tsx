'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useRef, useState } from 'react';
import type { ServerView } from '../../../server/servers/schema.ts';
import { paths } from '../../_lib/paths.ts';
import { useTRPC } from '../../_lib/trpc/client.tsx';
import { ActionButton } from '../../_ui/ActionButton.tsx';
import { PageHeader } from '../../_ui/PageHeader.tsx';
import { QueryView } from '../../_ui/QueryView.tsx';
import { AttentionStrip } from './AttentionStrip.tsx';
import { BulkBar } from './BulkBar.tsx';
import { BulkDialog } from './BulkDialog.tsx';
import { ListToolbar } from './ListToolbar.tsx';
import { arrange } from './list-view.ts';
import { NoServers } from './NoServers.tsx';
import { RowRefusal, type RowRefused } from './RowRefusal.tsx';
import { ServerCards } from './ServerCards.tsx';
import { ServerListSkeleton } from './ServerListSkeleton.tsx';
import { ServerTable } from './ServerTable.tsx';
import { useSteadyOrder } from './steady-order.ts';
import { useListView } from './useListView.ts';

/** All servers of the account: a table, on a phone cards. */
export function ServerList() {
  const t = useTranslations('servers');
  const trpc = useTRPC();
  const query = useQuery(trpc.servers.list.queryOptions());
  const some = query.data !== undefined && query.data.length > 0;
  return (
    <>
      <PageHeader title={t('title')}>
        {some ? (
          <ActionButton href={paths.newServer} tone="primary">
            {t('add')}
          </ActionButton>
        ) : null}
      </PageHeader>
      <QueryView
        query={query}
        skeleton={<ServerListSkeleton />}
        errorTitle={t('error.title')}
        errorFact={t('error.body')}
      >
        {(servers) => (servers.length === 0 ? <NoServers /> : <Servers servers={servers} />)}
      </QueryView>
    </>
  );
}

/** From here on a choice of several saves work. */
const bulkFrom = 2;

function Servers({ servers }: { servers: ServerView[] }) {
  const [view, change] = useListView();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [refused, setRefused] = useState<RowRefused | null>(null);
  const area = useRef<HTMLDivElement>(null);
  const arranged = arrange(servers, view);
  const { order, isOld, renew } = useSteadyOrder(
    arranged.map(({ id }) => id),
    JSON.stringify(view),
    area,
  );
  const byId = new Map(arranged.map((server) => [server.id, server]));
  const shown = order.flatMap((id) => byId.get(id) ?? []);
  // What is hidden by a filter is not acted upon.
  const chosen = shown.filter(({ id }) => selected.has(id));

  function select(ids: readonly string[], on: boolean) {
    setSelected((before) => {
      const next = new Set(before);
      for (const id of ids) {
        if (on) next.add(id);
        else next.delete(id);
      }
      return next;
    });
  }
  const rows = {
    servers: shown,
    selected: servers.length >= bulkFrom ? selected : null,
    select,
    onRefused: setRefused,
  };
  return (
    <>
      <AttentionStrip servers={servers} />
      <RowRefusal refused={refused} onClose={() => setRefused(null)} />
      {chosen.length === 0 ? (
        <ListToolbar
          view={view}
          change={change}
          shown={shown.length}
          total={servers.length}
          renew={isOld ? renew : null}
        />
      ) : (
        <BulkBar servers={chosen} onClear={() => setSelected(new Set())} />
      )}
      <div ref={area}>
        {shown.length === 0 ? null : (
          <>
            <ServerTable {...rows} view={view} change={change} />
            <ServerCards {...rows} />
          </>
        )}
      </div>
      <BulkDialog servers={chosen} onAccepted={(ids) => select(ids, false)} />
    </>
  );
}
