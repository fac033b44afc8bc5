'use client';

import { useTranslations } from 'next-intl';
import type { StaffOperationView } from '../../../server/hosts/schema.ts';
import { TimeText } from '../../_ui/TimeText.tsx';
import { useOperationWords } from '../operations/useOperationWords.ts';
import styles from './staff.module.css';

/** What the host said about each step, newest first: raw, for staff only. */
export function HostWords({ words }: { words: StaffOperationView['hostWords'] }) {
  const t = useTranslations('staff.operations');
  const operationWords = useOperationWords();
  if (words.length === 0) return <p className={styles.quiet}>{t('noWord')}</p>;
  return (
    <ul className={styles.words}>
      {[...words].reverse().map((word) => (
        <li key={`${word.step} ${word.at} ${word.word}`}>
          <span className={styles.quiet}>
            {operationWords.step(word.step)}
            {word.at === null ? null : (
              <>
                {' · '}
                <TimeText iso={word.at} />
              </>
            )}
          </span>
          <span className={styles.said}>{word.word}</span>
        </li>
      ))}
    </ul>
  );
}
