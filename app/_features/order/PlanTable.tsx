'use client';

import { useLocale, useTranslations } from 'next-intl';
import type { OrderOptions } from '../../../server/catalog/schema.ts';
import { gigabytes, memory, yen } from '../../_lib/format/numbers.ts';
import tables from '../../_ui/table.module.css';
import { useServerWords } from '../servers/useServerWords.ts';
import styles from './order.module.css';
import { hasRoom } from './orderable.ts';

/** The plans side by side; a whole row is the target of its radio button. What is sold out stays and says where room is. */
export function PlanTable({
  options,
  zoneId,
  value,
  onChange,
}: {
  options: OrderOptions;
  zoneId: string;
  value: string;
  onChange: (planId: string) => void;
}) {
  const t = useTranslations('order.plan');
  const words = useServerWords();
  const locale = useLocale();

  function soldOut(plan: OrderOptions['plans'][number]): string | undefined {
    if (hasRoom(plan, zoneId)) return undefined;
    const elsewhere = options.zones.find(({ id }) => hasRoom(plan, id));
    return elsewhere === undefined ? t('soldOut') : t('soldOutHere', { zone: words.named(elsewhere) });
  }

  return (
    <table className={`${tables.headless} ${styles.plans}`}>
      <caption className="visually-hidden">{t('caption')}</caption>
      <thead>
        <tr>
          <th scope="col">{t('name')}</th>
          <th scope="col">{t('vcpu')}</th>
          <th scope="col">{t('memory')}</th>
          <th scope="col">{t('disk')}</th>
          <th scope="col">{t('transfer')}</th>
          <th scope="col" className={styles.planPrice}>
            {t('price')}
          </th>
        </tr>
      </thead>
      <tbody>
        {options.plans.map((plan) => {
          const reason = soldOut(plan);
          return (
            <tr key={plan.id} data-off={reason !== undefined || undefined}>
              <th scope="row">
                <label className={styles.planLabel}>
                  <input
                    type="radio"
                    name="planId"
                    value={plan.id}
                    checked={value === plan.id}
                    aria-disabled={reason !== undefined || undefined}
                    aria-describedby={reason === undefined ? undefined : `sold-out-${plan.id}`}
                    onChange={() => {
                      if (reason === undefined) onChange(plan.id);
                    }}
                  />
                  <span>{words.named(plan)}</span>
                </label>
                {reason === undefined ? null : (
                  <span id={`sold-out-${plan.id}`} className={styles.soldOut}>
                    {reason}
                  </span>
                )}
              </th>
              <td data-label={t('vcpu')}>{plan.vcpu}</td>
              <td data-label={t('memory')}>{memory(plan.memoryMiB)}</td>
              <td data-label={t('disk')}>{gigabytes(plan.diskGiB)}</td>
              <td data-label={t('transfer')}>{gigabytes(plan.transferGiB)}</td>
              <td data-label={t('price')} className={styles.planPrice}>
                {yen(plan.yenWithTax, locale)}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
