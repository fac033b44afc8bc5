'use client';

import { IconArrowBackUp, IconCheck, IconCircle, IconMinus, IconX } from '@tabler/icons-react';
import { useTranslations } from 'next-intl';
import type { ReactNode } from 'react';
import type { OperationView } from '../../../server/servers/schema.ts';
import { Duration } from '../../_ui/Duration.tsx';
import { Ring } from '../../_ui/Ring.tsx';
import styles from './operations.module.css';
import { useOperationWords } from './useOperationWords.ts';

type Step = OperationView['steps'][number];

const icons: Record<Step['state'], ReactNode> = {
  waiting: <IconCircle size={16} stroke={1.75} aria-hidden />,
  running: <Ring size={16} />,
  done: <IconCheck size={16} stroke={2} aria-hidden />,
  failed: <IconX size={16} stroke={2} aria-hidden />,
  undone: <IconArrowBackUp size={16} stroke={1.75} aria-hidden />,
  skipped: <IconMinus size={16} stroke={1.75} aria-hidden />,
};

/** All steps of an operation: done with their duration, the present one with a running clock, the rest waiting. */
export function StepList({ steps }: { steps: Step[] }) {
  const t = useTranslations('operations');
  const words = useOperationWords();
  if (steps.length === 0) return <p className={styles.quiet}>{t('page.noSteps')}</p>;
  return (
    <ol className={styles.steps}>
      {steps.map((step) => (
        <li
          key={step.name}
          className={styles.step}
          data-state={step.state}
          aria-current={step.state === 'running' ? 'step' : undefined}
        >
          <span className={styles.stepIcon}>{icons[step.state]}</span>
          <span className={styles.stepName}>{words.step(step.name)}</span>
          <span className={styles.stepState}>{t(`stepState.${step.state}`)}</span>
          <span className={styles.stepTime}>
            {step.startedAt === null || step.state === 'skipped' ? null : step.endedAt !== null ? (
              <Duration from={step.startedAt} to={step.endedAt} />
            ) : step.state === 'running' ? (
              <Duration from={step.startedAt} />
            ) : null}
          </span>
        </li>
      ))}
    </ol>
  );
}
