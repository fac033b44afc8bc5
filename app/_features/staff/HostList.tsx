'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useTRPC } from '../../_lib/trpc/client.tsx';
import { EmptyState } from '../../_ui/EmptyState.tsx';
import { PageHeader } from '../../_ui/PageHeader.tsx';
import { QueryView } from '../../_ui/QueryView.tsx';
import { Skeleton } from '../../_ui/Skeleton.tsx';
import { HostCard } from './HostCard.tsx';
import { ImageList } from './ImageList.tsx';
import { JoinHint } from './JoinHint.tsx';
import styles from './staff.module.css';

/** Room and health of every host, and how to add one. */
export function HostList() {
  const t = useTranslations('staff.hosts');
  const trpc = useTRPC();
  const query = useQuery(trpc.staff.hosts.list.queryOptions());
  return (
    <>
      <PageHeader title={t('title')}>
        {query.data === undefined ? null : <span>{t('count', { count: query.data.length })}</span>}
      </PageHeader>
      <QueryView
        query={query}
        skeleton={<Skeleton height={480} />}
        errorTitle={t('errorTitle')}
        errorFact={t('errorBody')}
      >
        {(hosts) =>
          hosts.length === 0 ? (
            <EmptyState title={t('emptyTitle')}>
              <p>{t('emptyBody')}</p>
            </EmptyState>
          ) : (
            <div className={styles.hosts}>
              {hosts.map((host) => (
                <HostCard key={host.id} host={host} />
              ))}
            </div>
          )
        }
      </QueryView>
      <ImageList />
      <JoinHint />
    </>
  );
}
