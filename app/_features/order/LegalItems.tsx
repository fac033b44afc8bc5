'use client';

import { useLocale, useTranslations } from 'next-intl';
import type { OrderOptions } from '../../../server/catalog/schema.ts';
import { gigabytes, memory, yen } from '../../_lib/format/numbers.ts';
import { longDate, period } from '../../_lib/format/time.ts';
import { DataList } from '../../_ui/DataList.tsx';
import { Money } from '../../_ui/Money.tsx';
import { Section } from '../../_ui/Section.tsx';
import { useServerWords } from '../servers/useServerWords.ts';
import type { StoredOrder } from './draft.ts';
import styles from './order.module.css';

const monthsInYear = 12;

/** Quantity, price, payment, delivery, deadline, cancellation; and the server's settings. */
export function LegalItems({
  order,
  options,
  plan,
  image,
}: {
  order: StoredOrder;
  options: OrderOptions;
  plan: OrderOptions['plans'][number];
  image: OrderOptions['images'][number];
}) {
  const t = useTranslations('order');
  const detail = useTranslations('servers.detail');
  const words = useServerWords();
  const locale = useLocale();
  const { draft } = order;
  const zone = options.zones.find(({ id }) => id === draft.zoneId);
  const { term } = options;
  return (
    <>
      <Section title={t('confirm.terms')}>
        <DataList
          items={[
            {
              label: t('confirm.quantity'),
              value: (
                <>
                  <p>
                    {t('confirm.quantityServer', {
                      plan: words.named(plan),
                      vcpu: plan.vcpu,
                      memory: memory(plan.memoryMiB),
                      disk: gigabytes(plan.diskGiB),
                      transfer: gigabytes(plan.transferGiB),
                    })}
                  </p>
                  <p>{t('confirm.quantityTerm')}</p>
                  <p>
                    {t('confirm.quantityFirst', {
                      period: period(term.first, term.last, locale),
                      renewal: longDate(term.renewal, locale),
                    })}
                  </p>
                </>
              ),
            },
            {
              label: t('confirm.price'),
              value: (
                <>
                  <p className={styles.total}>
                    {t.rich('confirm.perMonth', { sum: () => <Money yen={plan.yenWithTax} /> })}
                  </p>
                  <p className={styles.breakdown}>
                    {t('summary.breakdown', {
                      net: yen(plan.yen, locale),
                      percent: plan.taxPercent,
                      tax: yen(plan.taxYen, locale),
                    })}
                  </p>
                  <p>{t('confirm.priceYearly', { price: words.price(plan.yenWithTax * monthsInYear) })}</p>
                </>
              ),
            },
            { label: t('confirm.payment'), value: <strong>{t('confirm.paymentNone')}</strong> },
            { label: t('confirm.delivery'), value: t('confirm.deliveryValue') },
            { label: t('confirm.deadline'), value: t('confirm.deadlineValue') },
            {
              label: t('confirm.cancel'),
              value: (
                <>
                  <p>{t('confirm.cancelValue')}</p>
                  {draft.deleteProtection ? <p>{t('confirm.cancelProtected')}</p> : null}
                </>
              ),
            },
          ]}
        />
      </Section>
      <Section title={t('confirm.settings')}>
        <DataList
          items={[
            ...(zone === undefined || options.zones.length < 2
              ? []
              : [{ label: t('zone.label'), value: words.named(zone) }]),
            { label: t('image.label'), value: `${words.named(image)} ${image.version}` },
            { label: t('name.label'), value: draft.name },
            {
              label: t('signIn.label'),
              value:
                draft.method === 'password'
                  ? t('signIn.password')
                  : t('summary.signInKeys', { count: draft.sshKeyIds.length }),
            },
            {
              label: t('details.hostname'),
              value: draft.hostname.trim() === '' ? draft.name : draft.hostname,
            },
            {
              label: t('details.virtio'),
              value: draft.virtio ? detail('virtioOn') : detail('virtioOff'),
            },
            ...(draft.deleteProtection ? [] : [{ label: t('details.protection'), value: t('details.protectionOff') }]),
          ]}
        />
      </Section>
    </>
  );
}
