'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { paths } from '../../_lib/paths.ts';
import { useTRPC } from '../../_lib/trpc/client.tsx';
import { ActionButton } from '../../_ui/ActionButton.tsx';
import { EmptyState } from '../../_ui/EmptyState.tsx';
import { useServerWords } from './useServerWords.ts';

/** Before the first order: what a server is, from what price, and the way to it. */
export function NoServers() {
  const t = useTranslations('servers');
  const words = useServerWords();
  const trpc = useTRPC();
  const { data } = useQuery(trpc.catalog.orderOptions.queryOptions());
  const cheapest = data?.plans.reduce((low, plan) => Math.min(low, plan.yenWithTax), Number.POSITIVE_INFINITY);
  return (
    <EmptyState
      title={t('empty.title')}
      actions={
        <ActionButton href={paths.newServer} tone="primary">
          {t('add')}
        </ActionButton>
      }
    >
      <p>{t('empty.what')}</p>
      {cheapest === undefined || !Number.isFinite(cheapest) ? null : (
        <p>{t('empty.from', { price: words.price(cheapest) })}</p>
      )}
      {data?.takesPayment === false ? <p>{t('empty.free')}</p> : null}
    </EmptyState>
  );
}
