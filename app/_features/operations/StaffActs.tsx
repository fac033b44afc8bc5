'use client';

import { useTranslations } from 'next-intl';
import type { OperationView } from '../../../server/servers/schema.ts';
import { TimeText } from '../../_ui/TimeText.tsx';
import styles from './operations.module.css';

/** What support did about an operation, with the reason in their words and the time; the customer reads the same. */
export function StaffActs({ acts }: { acts: OperationView['staffActs'] }) {
  const t = useTranslations('operations.staffAct');
  if (acts.length === 0) return null;
  return (
    <ul className={styles.staffActs} aria-label={t('label')}>
      {acts.map(({ act, at, reason }) => (
        <li key={at}>
          <TimeText iso={at} /> {t(act, { reason: reason ?? t('noReason') })}
        </li>
      ))}
    </ul>
  );
}
