'use client';

import { useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { HistoryPage } from '../../../server/servers/history-schema.ts';
import { paths } from '../../_lib/paths.ts';
import { useTRPC } from '../../_lib/trpc/client.tsx';
import { ActionButton } from '../../_ui/ActionButton.tsx';
import { QueryView } from '../../_ui/QueryView.tsx';
import { Section } from '../../_ui/Section.tsx';
import { Skeleton } from '../../_ui/Skeleton.tsx';
import { HistoryTable } from './HistoryTable.tsx';
import { countFresh } from './history-fresh.ts';
import styles from './server.module.css';
import { useServerOnPage } from './serverContext.ts';

/** The whole history, a page at a time; which one is in the address (`?before=`). */
export function ServerHistory() {
  const t = useTranslations('servers');
  const trpc = useTRPC();
  const { server } = useServerOnPage();
  const before = useSearchParams().get('before') ?? undefined;
  const query = useQuery(
    trpc.servers.history.queryOptions({ serverId: server.id, ...(before === undefined ? {} : { cursor: before }) }),
  );
  return (
    <Section title={t('history.title')}>
      <QueryView query={query} skeleton={<Skeleton height={320} />} errorTitle={t('error.sectionFailed')}>
        {(page) =>
          page.total === 0 ? (
            <p className={styles.quiet}>{t('history.empty')}</p>
          ) : (
            <Page key={before ?? ''} page={page} isFirst={before === undefined} serverId={server.id} />
          )
        }
      </QueryView>
    </Section>
  );
}

/** What comes while one reads waits above, counted, until it is asked for: no row moves under the eye. */
function Page({ page, isFirst, serverId }: { page: HistoryPage; isFirst: boolean; serverId: string }) {
  const t = useTranslations('servers.history');
  const [newestSeen, setNewestSeen] = useState(page.entries[0]?.id);
  const fresh = isFirst ? countFresh(page.entries, newestSeen) : 0;
  return (
    <>
      <div className={styles.historyHead}>
        <p className={styles.quiet}>{t('total', { count: page.total })}</p>
        <div role="status">
          {fresh === 0 ? null : (
            <ActionButton onClick={() => setNewestSeen(page.entries[0]?.id)}>
              {t('fresh', { count: fresh })}
            </ActionButton>
          )}
        </div>
      </div>
      <HistoryTable entries={page.entries.slice(fresh)} />
      {isFirst && page.next === null ? null : (
        <nav className={styles.pages} aria-label={t('pages')}>
          {isFirst ? null : <ActionButton href={paths.serverHistory(serverId)}>{t('newest')}</ActionButton>}
          {page.next === null ? null : (
            <ActionButton href={`${paths.serverHistory(serverId)}?before=${encodeURIComponent(page.next)}`}>
              {t('older')}
            </ActionButton>
          )}
        </nav>
      )}
    </>
  );
}
