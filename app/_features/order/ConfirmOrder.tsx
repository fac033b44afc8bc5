'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useLocale, useTranslations } from 'next-intl';
import { useEffect, useRef, useState } from 'react';
import type { OrderOptions } from '../../../server/catalog/schema.ts';
import { failureOf } from '../../_lib/errors.ts';
import { yen } from '../../_lib/format/numbers.ts';
import { paths } from '../../_lib/paths.ts';
import { useTRPC } from '../../_lib/trpc/client.tsx';
import { ActionButton } from '../../_ui/ActionButton.tsx';
import { EmptyState } from '../../_ui/EmptyState.tsx';
import { PageHeader } from '../../_ui/PageHeader.tsx';
import { QueryView } from '../../_ui/QueryView.tsx';
import { Skeleton } from '../../_ui/Skeleton.tsx';
import { loadOrder, type StoredOrder, saveOrder } from './draft.ts';
import { handOver } from './handover.ts';
import { LegalItems } from './LegalItems.tsx';
import { OrderFailure } from './OrderFailure.tsx';
import styles from './order.module.css';
import { orderRequest } from './orderRequest.ts';
import { type Outcome, outcomeOf } from './outcome.ts';

/** The last page before the order. What it says is what 特定商取引法 12条の6 asks of this screen. */
export function ConfirmPage() {
  const t = useTranslations('order');
  const trpc = useTRPC();
  const query = useQuery(trpc.catalog.orderOptions.queryOptions());
  // undefined: not looked yet, only the browser can.
  const [order, setOrder] = useState<StoredOrder | null | undefined>(undefined);
  useEffect(() => setOrder(loadOrder()), []);
  return (
    <>
      <PageHeader title={t('confirm.title')} />
      <QueryView
        query={query}
        skeleton={<Skeleton height={480} />}
        errorTitle={t('error.title')}
        errorFact={t('error.body')}
      >
        {(options) =>
          order === undefined ? (
            <Skeleton height={480} />
          ) : order === null ? (
            <NothingToConfirm />
          ) : order.serverId !== undefined ? (
            <AlreadyOrdered serverId={order.serverId} />
          ) : (
            <Confirm order={order} options={options} />
          )
        }
      </QueryView>
    </>
  );
}

function NothingToConfirm() {
  const t = useTranslations('order.confirm');
  return (
    <EmptyState
      title={t('noDraft')}
      actions={
        <ActionButton href={paths.newServer} tone="primary">
          {t('toForm')}
        </ActionButton>
      }
    >
      <p>{t('noDraftBody')}</p>
    </EmptyState>
  );
}

/** Back after the order: the same form is the same order, so this leads to its server. */
function AlreadyOrdered({ serverId }: { serverId: string }) {
  const t = useTranslations('order.confirm');
  return (
    <EmptyState
      title={t('already')}
      actions={
        <>
          <ActionButton href={paths.server(serverId)} tone="primary">
            {t('openServer')}
          </ActionButton>
          <ActionButton href={paths.newServer}>{t('another')}</ActionButton>
        </>
      }
    />
  );
}

function Confirm({ order, options }: { order: StoredOrder; options: OrderOptions }) {
  const t = useTranslations('order.confirm');
  const locale = useLocale();
  const router = useRouter();
  const queryClient = useQueryClient();
  const trpc = useTRPC();
  /** Set before React draws the busy button: a second click within the same frame is no second request. */
  const sent = useRef(false);
  /** Stays while the order is sent again: the button that was pressed must not go from under the fingers. */
  const [failed, setFailed] = useState<{ error: unknown; outcome: Outcome }>();
  const place = useMutation(
    trpc.servers.order.mutationOptions({
      onSuccess: ({ serverId, password }) => {
        if (order.draft.method === 'password') handOver(serverId, password);
        saveOrder({ ...order, serverId });
        void queryClient.invalidateQueries({ queryKey: trpc.servers.pathKey() });
        void queryClient.invalidateQueries({ queryKey: trpc.catalog.pathKey() });
        router.push(paths.server(serverId));
      },
      onError: (error) => {
        sent.current = false;
        const { code, fields } = failureOf(error);
        setFailed((before) => ({ error, outcome: outcomeOf(code, before?.outcome) }));
        // The order may have been taken all the same.
        void queryClient.invalidateQueries({ queryKey: trpc.servers.pathKey() });
        // The price or the room may have changed meanwhile: the page shows what is true now.
        void queryClient.invalidateQueries({ queryKey: trpc.catalog.pathKey() });
        if (Object.keys(fields).length === 0) return;
        saveOrder({ ...order, fields });
        router.push(paths.newServer);
      },
    }),
  );
  const plan = options.plans.find(({ id }) => id === order.draft.planId);
  const image = options.images.find(({ id }) => id === order.draft.imageId);
  if (plan === undefined || image === undefined) return <NothingToConfirm />;

  function press() {
    if (sent.current) return;
    sent.current = true;
    // An order that may have been taken is repeated word for word, also if a price has changed meanwhile.
    const lost = failed?.outcome === 'unknown' ? place.variables : undefined;
    place.mutate(lost ?? orderRequest(order, options));
  }

  return (
    <div className={styles.confirm}>
      <p className={styles.lead}>{t('lead')}</p>
      <LegalItems order={order} options={options} plan={plan} image={image} />
      {failed === undefined ? null : <OrderFailure {...failed} busy={place.isPending} onAgain={press} />}
      <div className={styles.buttons}>
        <ActionButton tone="primary" busy={place.isPending || place.isSuccess} onClick={press}>
          {t('submit', { price: yen(plan.yenWithTax, locale) })}
        </ActionButton>
        <ActionButton href={paths.newServer}>{t('edit')}</ActionButton>
      </div>
    </div>
  );
}
