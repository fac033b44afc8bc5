'use client';

import { useTranslations } from 'next-intl';
import type { StaffOperationView } from '../../../server/hosts/schema.ts';
import { CopyText } from '../../_ui/CopyText.tsx';
import { Duration } from '../../_ui/Duration.tsx';
import { StateBadge } from '../../_ui/StateBadge.tsx';
import { TimeText } from '../../_ui/TimeText.tsx';
import { StaffActs } from '../operations/StaffActs.tsx';
import { StepList } from '../operations/StepList.tsx';
import { toneOfOperation } from '../operations/tone.ts';
import { useOperationWords } from '../operations/useOperationWords.ts';
import { Decide } from './Decide.tsx';
import { HostWords } from './HostWords.tsx';
import styles from './staff.module.css';

/** The latest operations, dense; each unfolds to its steps and the host's words. */
export function RecentOperations({
  operations,
  onDecided,
}: {
  operations: StaffOperationView[];
  onDecided: (said: string) => void;
}) {
  const t = useTranslations('staff.operations');
  const states = useTranslations('operations.state');
  const words = useOperationWords();
  return (
    <ul className={styles.recent} aria-label={t('captionRecent')}>
      {operations.map((operation) => (
        <li key={operation.id}>
          <details>
            <summary>
              <TimeText iso={operation.createdAt} />
              <StateBadge tone={toneOfOperation[operation.state]}>{states(operation.state)}</StateBadge>
              <strong>{words.kind(operation.kind)}</strong>
              <span>{operation.serverName}</span>
              <span className={styles.quiet}>{operation.accountName}</span>
              <span className={styles.end}>
                {operation.endedAt === null ? (
                  <Duration from={operation.createdAt} />
                ) : (
                  <Duration from={operation.createdAt} to={operation.endedAt} />
                )}
              </span>
            </summary>
            <div className={styles.recentBody}>
              <div>
                <CopyText value={operation.id} label={t('id')} mono />
              </div>
              {operation.errorDetail === null ? null : <p className={styles.said}>{operation.errorDetail}</p>}
              <StaffActs acts={operation.staffActs} />
              <StepList steps={operation.steps} />
              <HostWords words={operation.hostWords} />
              {operation.canRetry || operation.canUndo ? <Decide operation={operation} onDecided={onDecided} /> : null}
            </div>
          </details>
        </li>
      ))}
    </ul>
  );
}
