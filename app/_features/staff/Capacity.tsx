'use client';

import { useTranslations } from 'next-intl';
import type { HostView } from '../../../server/hosts/schema.ts';
import { figure } from '../../_lib/format/numbers.ts';
import tables from '../../_ui/table.module.css';
import styles from './staff.module.css';

const mibInGb = 1024;

/** Sold, sellable (with overcommitment and what the host keeps for itself), physical. */
export function Capacity({ host }: { host: HostView }) {
  const t = useTranslations('staff.hosts');
  const gb = ({ sold, sellable, physical }: HostView['memoryMiB']) => ({
    sold: sold / mibInGb,
    sellable: sellable / mibInGb,
    physical: physical / mibInGb,
  });
  const rows = [
    { label: t('vcpu'), of: host.vcpu },
    { label: t('memory'), of: gb(host.memoryMiB) },
    { label: t('disk'), of: host.diskGiB },
  ];
  return (
    <table className={`${tables.rows} ${tables.dense} ${styles.capacity}`}>
      <caption className={styles.caption}>{t('capacity')}</caption>
      <thead>
        <tr>
          <th scope="col">{t('resource')}</th>
          <th scope="col" className={tables.right}>
            {t('sold')}
          </th>
          <th scope="col" className={tables.right}>
            {t('sellable')}
          </th>
          <th scope="col" className={tables.right}>
            {t('left')}
          </th>
          <th scope="col" className={tables.right}>
            {t('physical')}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ label, of }) => (
          <tr key={label}>
            <th scope="row">{label}</th>
            <td className={tables.right}>{oneDecimal(of.sold)}</td>
            <td className={tables.right}>{oneDecimal(of.sellable)}</td>
            <td className={tables.right}>{oneDecimal(Math.max(0, of.sellable - of.sold))}</td>
            <td className={tables.right}>{oneDecimal(of.physical)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** `24`, `23.5`, `1,024`. */
function oneDecimal(n: number): string {
  const tenths = Math.round(n * 10);
  const whole = figure(Math.trunc(tenths / 10));
  return tenths % 10 === 0 ? whole : `${whole}.${Math.abs(tenths % 10)}`;
}
