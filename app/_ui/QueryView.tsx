'use client';

import { useTranslations } from 'next-intl';
import type { ReactNode } from 'react';
import { ActionButton } from './ActionButton.tsx';
import { FailureNote } from './FailureNote.tsx';

interface QueryLike<T> {
  data: T | undefined;
  error: unknown;
  refetch: () => unknown;
  isFetching: boolean;
}

/**
 * One read part of a page: its data, a skeleton while the first answer is on the way, or a failure that stays
 * inside this part. Data that is there stays on screen also when a later read fails.
 */
export function QueryView<T>({
  query,
  skeleton,
  errorTitle,
  errorFact,
  children,
}: {
  query: QueryLike<T>;
  skeleton: ReactNode;
  errorTitle: string;
  errorFact?: string;
  children: (data: T) => ReactNode;
}) {
  const t = useTranslations('common');
  if (query.data !== undefined) return children(query.data);
  if (query.error === null || query.error === undefined) {
    return (
      <div aria-busy="true">
        <span className="visually-hidden">{t('loading')}</span>
        {skeleton}
      </div>
    );
  }
  return (
    <FailureNote
      title={errorTitle}
      facts={errorFact === undefined ? [] : [errorFact]}
      actions={
        <ActionButton busy={query.isFetching} onClick={() => query.refetch()}>
          {t('reload')}
        </ActionButton>
      }
    />
  );
}
