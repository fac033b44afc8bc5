'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { type FormEvent, useEffect, useMemo, useState } from 'react';
import type { OrderOptions } from '../../../server/catalog/schema.ts';
import type { FieldError } from '../../../server/errors.ts';
import type { OrderInput } from '../../../server/servers/schema.ts';
import { failureOf } from '../../_lib/errors.ts';
import { paths } from '../../_lib/paths.ts';
import { useTRPC, useTRPCClient } from '../../_lib/trpc/client.tsx';
import { ErrorSummary, type SummaryError } from '../../_ui/ErrorSummary.tsx';
import { Field, FieldGroup } from '../../_ui/Field.tsx';
import { Choice, TextInput } from '../../_ui/inputs.tsx';
import { PageHeader } from '../../_ui/PageHeader.tsx';
import { QueryView } from '../../_ui/QueryView.tsx';
import { Skeleton } from '../../_ui/Skeleton.tsx';
import { useServerWords } from '../servers/useServerWords.ts';
import { type Draft, loadOrder, saveOrder, withDraft } from './draft.ts';
import { freshDraft } from './freshDraft.ts';
import { ImageChoice } from './ImageChoice.tsx';
import { OrderSummary } from './OrderSummary.tsx';
import styles from './order.module.css';
import { defaults } from './orderable.ts';
import { orderRequest } from './orderRequest.ts';
import { PlanTable } from './PlanTable.tsx';
import { SignInFields } from './SignInFields.tsx';
import { useFieldSentences } from './useFieldSentences.ts';
import { useOrderRefusal } from './useOrderRefusal.ts';

/** One page, every default valid. What was typed before in this tab comes back. */
export function OrderPage() {
  const t = useTranslations('order');
  const trpc = useTRPC();
  const options = useQuery(trpc.catalog.orderOptions.queryOptions());
  const keys = useQuery(trpc.sshKeys.list.queryOptions());
  const both = useMemo(
    () =>
      options.data !== undefined && keys.data !== undefined ? { options: options.data, keys: keys.data } : undefined,
    [options.data, keys.data],
  );
  return (
    <>
      <PageHeader title={t('title')} />
      <QueryView
        query={{
          data: both,
          error: options.error ?? keys.error,
          isFetching: options.isFetching || keys.isFetching,
          refetch: () => Promise.all([options.refetch(), keys.refetch()]),
        }}
        skeleton={<Skeleton height={640} />}
        errorTitle={t('error.title')}
        errorFact={t('error.body')}
      >
        {(data) => <OrderForm options={data.options} keyIds={data.keys.map(({ id }) => id)} />}
      </QueryView>
    </>
  );
}

function OrderForm({ options, keyIds }: { options: OrderOptions; keyIds: string[] }) {
  const t = useTranslations('order');
  const words = useServerWords();
  const refusal = useOrderRefusal();
  const sentences = useFieldSentences();
  const router = useRouter();
  const client = useTRPCClient();
  const [draft, setDraft] = useState(() => freshDraft(options, keyIds));
  const [fields, setFields] = useState<Record<string, FieldError>>({});
  const [summary, setSummary] = useState<SummaryError[]>([]);

  // Only the browser knows what was typed here before; an order that has become a server is not continued.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the page opens; later answers must not overwrite what is typed
  useEffect(() => {
    const stored = loadOrder();
    if (stored === null || stored.serverId !== undefined) return;
    setDraft({
      ...stored.draft,
      ...defaults(options, stored.draft),
      sshKeyIds: stored.draft.sshKeyIds.filter((id) => keyIds.includes(id)),
    });
    if (stored.fields !== undefined) {
      setFields(stored.fields);
      setSummary(sentences.lines(stored.fields));
    }
  }, []);

  function change(part: Partial<Draft>) {
    const next = { ...draft, ...part };
    // Another zone or plan may rule out the plan or the image that was chosen.
    const chosen = { ...next, ...defaults(options, next) };
    setDraft(chosen);
    const previous = loadOrder();
    saveOrder(withDraft(previous?.serverId === undefined ? previous : null, chosen, () => crypto.randomUUID()));
  }

  const check = useMutation({
    mutationFn: (request: OrderInput) => client.servers.checkOrder.query(request),
    onSuccess: () => router.push(paths.confirmServer),
    onError: (error) => {
      const wrong = failureOf(error).fields;
      setFields(wrong);
      const lines = sentences.lines(wrong);
      setSummary(lines.length > 0 ? lines : [{ text: refusal(error) }]);
    },
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    const previous = loadOrder();
    const stored = withDraft(previous?.serverId === undefined ? previous : null, draft, () => crypto.randomUUID());
    saveOrder(stored);
    check.mutate(orderRequest(stored, options));
  }

  const error = (name: string) => sentences.one(name, fields);
  const full = options.plans.every((plan) => plan.zonesWithRoom.length === 0);
  return (
    <form className={styles.form} noValidate onSubmit={submit}>
      <div className={styles.fields}>
        <p className={styles.lead}>{t('lead')}</p>
        {options.takesPayment ? null : <p className={styles.noPayment}>{t('noPayment')}</p>}
        <ErrorSummary errors={summary} />
        {options.zones.length > 1 ? (
          <FieldGroup name="zoneId" label={t('zone.label')} help={t('zone.help')} error={error('zoneId')}>
            {options.zones.map((zone) => (
              <Choice
                key={zone.id}
                name="zoneId"
                value={zone.id}
                checked={draft.zoneId === zone.id}
                onChange={() => change({ zoneId: zone.id })}
                label={words.named(zone)}
                help={options.plans.some((plan) => plan.zonesWithRoom.includes(zone.id)) ? undefined : t('zone.full')}
              />
            ))}
          </FieldGroup>
        ) : null}
        <FieldGroup name="planId" label={t('plan.label')} error={error('planId')}>
          {full ? <p className={styles.warning}>{t('plan.allSoldOut')}</p> : null}
          <PlanTable
            options={options}
            zoneId={draft.zoneId}
            value={draft.planId}
            onChange={(planId) => change({ planId })}
          />
        </FieldGroup>
        <FieldGroup name="imageId" label={t('image.label')} error={error('imageId')}>
          <ImageChoice
            options={options}
            planId={draft.planId}
            value={draft.imageId}
            onChange={(imageId) => change({ imageId })}
          />
        </FieldGroup>
        <Field name="name" label={t('name.label')} help={t('name.help')} error={error('name')}>
          <TextInput
            value={draft.name}
            onChange={(event) => change({ name: event.target.value })}
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
          />
        </Field>
        <SignInFields value={draft} onChange={change} error={error('signIn')} />
        <details className={styles.details} open={error('hostname') !== undefined || undefined}>
          <summary>{t('details.label')}</summary>
          <Field
            name="hostname"
            label={t('details.hostname')}
            help={t('details.hostnameHelp')}
            error={error('hostname')}
            optional
          >
            <TextInput
              value={draft.hostname}
              onChange={(event) => change({ hostname: event.target.value })}
              autoComplete="off"
              autoCapitalize="off"
              spellCheck={false}
            />
          </Field>
          <FieldGroup name="virtio" label={t('details.virtio')} error={error('virtio')}>
            {([true, false] as const).map((on) => (
              <Choice
                key={String(on)}
                name="virtio"
                value={String(on)}
                checked={draft.virtio === on}
                onChange={() => change({ virtio: on })}
                label={on ? t('details.virtioOn') : t('details.virtioOff')}
                help={on ? t('details.virtioOnHelp') : t('details.virtioOffHelp')}
              />
            ))}
          </FieldGroup>
          <FieldGroup name="deleteProtection" label={t('details.protection')} error={error('deleteProtection')}>
            <Choice
              type="checkbox"
              name="deleteProtection"
              checked={draft.deleteProtection}
              onChange={(event) => change({ deleteProtection: event.target.checked })}
              label={t('details.protectionOn')}
              help={t('details.protectionHelp')}
            />
          </FieldGroup>
        </details>
      </div>
      <OrderSummary options={options} draft={draft} busy={check.isPending} />
    </form>
  );
}
