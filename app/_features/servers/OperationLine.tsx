'use client';

import { useTranslations } from 'next-intl';
import type { ServerView } from '../../../server/servers/schema.ts';
import { currentStep } from '../operations/progress.ts';
import { isOpen } from '../operations/tone.ts';
import { useOperationWords } from '../operations/useOperationWords.ts';
import styles from './list.module.css';

/** In a list, under the state: the step that is going on, or what went wrong in the last hour. */
export function OperationLine({ server }: { server: ServerView }) {
  const t = useTranslations('operations');
  const words = useOperationWords();
  const { operation } = server;
  if (operation === null) return null;
  if (operation.state === 'failed') return <span className={styles.bad}>{t(`failure.title.${operation.kind}`)}</span>;
  if (operation.state === 'stuck') return <span className={styles.small}>{t(`failure.stuck.${operation.kind}`)}</span>;
  if (!isOpen(operation)) return null;
  const current = currentStep(operation.steps);
  return (
    <span className={styles.small}>
      {current === null ? t('strip.queued') : `${current.n}/${current.total} ${words.step(current.step.name)}`}
    </span>
  );
}
