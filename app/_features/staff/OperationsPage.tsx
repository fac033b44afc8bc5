'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useLocale, useTranslations } from 'next-intl';
import { useState } from 'react';
import type { StaffOperationView } from '../../../server/hosts/schema.ts';
import { duration } from '../../_lib/format/time.ts';
import { paths } from '../../_lib/paths.ts';
import { useTRPC } from '../../_lib/trpc/client.tsx';
import { PageHeader } from '../../_ui/PageHeader.tsx';
import { QueryView } from '../../_ui/QueryView.tsx';
import { Skeleton } from '../../_ui/Skeleton.tsx';
import { useNow } from '../../_ui/TimeText.tsx';
import { AttentionList } from './AttentionList.tsx';
import type { readAsked } from './asked.ts';
import { RecentOperations } from './RecentOperations.tsx';
import { StuckOperation } from './StuckOperation.tsx';
import styles from './staff.module.css';

/**
 * `?state=stuck`: all that waits for staff, operations and servers; `?server=`, `?account=`, `?id=`: those of one
 * thing. Without: the latest operations.
 */
export function StaffOperations({ stuck, only, of }: ReturnType<typeof readAsked>) {
  const t = useTranslations('staff.operations');
  const trpc = useTRPC();
  const query = useQuery(trpc.staff.operations.list.queryOptions(of));
  const title = only === null ? t(stuck ? 'stuck' : 'title') : t(`of.${only.what}`, { name: nameOf(only, query.data) });
  // Said here: an operation that was decided on leaves the queue, and its own words with it.
  const [decided, setDecided] = useState('');
  return (
    <>
      <PageHeader title={title} />
      <span className="visually-hidden" role="status">
        {decided}
      </span>
      <nav className={styles.filter} aria-label={t('filter')}>
        <Link href={`${paths.staffOperations}?state=stuck`} aria-current={stuck ? 'page' : undefined}>
          {t('stuck')}
        </Link>
        <Link href={paths.staffOperations} aria-current={stuck || only !== null ? undefined : 'page'}>
          {t(only === null ? 'all' : 'allAgain')}
        </Link>
      </nav>
      <QueryView
        query={query}
        skeleton={<Skeleton height={320} />}
        errorTitle={t('errorTitle')}
        errorFact={t('errorBody')}
      >
        {(operations) =>
          operations.length === 0 ? (
            <div className={styles.calm}>
              <p className={styles.calmTitle}>{t(only !== null ? 'noneOf' : stuck ? 'noneStuck' : 'none')}</p>
              {only === null ? <p className={styles.quiet}>{stuck ? t('noneStuckBody') : t('noneBody')}</p> : null}
            </div>
          ) : stuck ? (
            <Queue operations={operations} onDecided={setDecided} />
          ) : (
            <RecentOperations operations={operations} onDecided={setDecided} />
          )
        }
      </QueryView>
      {stuck ? <AttentionList /> : null}
    </>
  );
}

/** What one knows it by; its id, as long as nothing is known. */
function nameOf({ what, id }: { what: 'server' | 'account' | 'id'; id: string }, found: StaffOperationView[] = []) {
  const names = { server: found[0]?.serverName, account: found[0]?.accountName, id: null };
  return names[what] ?? id;
}

/** The oldest first: it has waited longest. */
function Queue({ operations, onDecided }: { operations: StaffOperationView[]; onDecided: (said: string) => void }) {
  const t = useTranslations('staff.operations');
  const locale = useLocale();
  const now = useNow(20_000);
  const sorted = [...operations].sort((a, b) => a.createdAt.localeCompare(b.createdAt));
  const oldest = sorted[0];
  return (
    <>
      <p className={styles.quiet}>
        {t('count', { count: operations.length })}
        {oldest === undefined || now === null
          ? null
          : ` · ${t('oldest', { age: duration((now - Date.parse(oldest.createdAt)) / 1000, locale) })}`}
      </p>
      <div className={styles.queue}>
        {sorted.map((operation) => (
          <StuckOperation key={operation.id} operation={operation} onDecided={onDecided} />
        ))}
      </div>
    </>
  );
}
