'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useTranslations } from 'next-intl';
import { recentHistory } from '../../_lib/history.ts';
import { paths } from '../../_lib/paths.ts';
import { useTRPC } from '../../_lib/trpc/client.tsx';
import { QueryView } from '../../_ui/QueryView.tsx';
import { Section } from '../../_ui/Section.tsx';
import { Skeleton } from '../../_ui/Skeleton.tsx';
import { HistoryTable } from './HistoryTable.tsx';
import { LoginCard } from './LoginCard.tsx';
import { ServerDetails } from './ServerDetails.tsx';
import styles from './server.module.css';
import { useServerOnPage } from './serverContext.ts';

/** How to get in, what it is, and what was done last. */
export function ServerOverview() {
  const { server, dialog } = useServerOnPage();
  return (
    <>
      <LoginCard server={server} open={dialog.open} />
      <ServerDetails server={server} />
      <Recent serverId={server.id} />
    </>
  );
}

function Recent({ serverId }: { serverId: string }) {
  const t = useTranslations('servers');
  const trpc = useTRPC();
  const query = useQuery(trpc.servers.history.queryOptions({ serverId, limit: recentHistory }));
  return (
    <Section
      title={t('recent.title')}
      actions={
        <Link className={styles.sectionLink} href={paths.serverHistory(serverId)}>
          {t('recent.all')}
        </Link>
      }
    >
      <QueryView query={query} skeleton={<Skeleton height={200} />} errorTitle={t('error.sectionFailed')}>
        {({ entries }) =>
          entries.length === 0 ? (
            <p className={styles.quiet}>{t('history.empty')}</p>
          ) : (
            <HistoryTable entries={entries} />
          )
        }
      </QueryView>
    </Section>
  );
}
