'use client';

import { useTranslations } from 'next-intl';
import type { HostView } from '../../../server/hosts/schema.ts';
import { figure } from '../../_lib/format/numbers.ts';
import { StateBadge } from '../../_ui/StateBadge.tsx';
import tables from '../../_ui/table.module.css';
import styles from './staff.module.css';

/** What the boot probe chose, and every attempt with what it said: the why. */
export function Accelerator({ accelerator }: { accelerator: HostView['accelerator'] }) {
  const t = useTranslations('staff.hosts');
  if (accelerator === null) return <p className={styles.quiet}>{t('acceleratorNone')}</p>;
  const cpu = accelerator.cpu ?? t('cpuDefault');
  const kvm = accelerator.type === 'kvm';
  return (
    <>
      <p>
        <strong>{kvm ? t('kvm', { cpu }) : t('tcg', { cpu })}</strong>
      </p>
      <p>{kvm ? t('because') : t('becauseTcg')}</p>
      <table className={`${tables.rows} ${tables.dense} ${tables.headless} ${styles.attempts}`}>
        <caption className={styles.caption}>{t('attempts')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('attemptType')}</th>
            <th scope="col">{t('attemptCpu')}</th>
            <th scope="col">{t('attemptResult')}</th>
            <th scope="col" className={tables.right}>
              {t('attemptTime')}
            </th>
            <th scope="col">{t('attemptSaid')}</th>
          </tr>
        </thead>
        <tbody>
          {accelerator.attempts.map((attempt) => (
            <tr key={`${attempt.type} ${attempt.cpu}`}>
              <th scope="row" className="mono">
                {attempt.type}
              </th>
              <td className="mono">{attempt.cpu}</td>
              <td>
                <StateBadge tone={attempt.ok ? 'ok' : 'bad'}>
                  {attempt.ok ? t('attemptOk') : t('attemptFailed')}
                </StateBadge>
              </td>
              <td className={tables.right}>{figure(attempt.ms)}</td>
              <td className={styles.said}>{attempt.said}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
