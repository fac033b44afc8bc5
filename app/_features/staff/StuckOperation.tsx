'use client';

import { useTranslations } from 'next-intl';
import { useId } from 'react';
import type { StaffOperationView } from '../../../server/hosts/schema.ts';
import { CopyText } from '../../_ui/CopyText.tsx';
import { DataList } from '../../_ui/DataList.tsx';
import { StateBadge } from '../../_ui/StateBadge.tsx';
import { TimeText } from '../../_ui/TimeText.tsx';
import { StaffActs } from '../operations/StaffActs.tsx';
import { StepList } from '../operations/StepList.tsx';
import { useOperationWords } from '../operations/useOperationWords.ts';
import { Decide } from './Decide.tsx';
import { HostWords } from './HostWords.tsx';
import styles from './staff.module.css';

/** One operation that gave up: why, its steps, what the host said last, and two ways on with their consequence. */
export function StuckOperation({
  operation,
  onDecided,
}: {
  operation: StaffOperationView;
  onDecided: (said: string) => void;
}) {
  const t = useTranslations('staff.operations');
  const states = useTranslations('operations.state');
  const words = useOperationWords();
  const heading = useId();
  const kind = words.kind(operation.kind);

  return (
    <section className={styles.host} aria-labelledby={heading}>
      <div className={styles.hostHead}>
        <h2 id={heading}>
          {kind}
          {operation.serverName === null ? '' : ` · ${operation.serverName}`}
        </h2>
        <StateBadge tone="attention">{states(operation.state)}</StateBadge>
      </div>
      <DataList
        items={[
          { label: t('when'), value: <TimeText iso={operation.createdAt} mode="relative" /> },
          { label: t('account'), value: operation.accountName },
          ...(operation.serverId === null
            ? []
            : [{ label: t('server'), value: <CopyText value={operation.serverId} label={t('server')} mono /> }]),
          { label: t('host'), value: operation.hostName ?? t('noHost') },
          { label: t('startedBy'), value: words.who(operation.startedBy) },
          { label: t('attempt'), value: t('attemptValue', { n: operation.attempt }) },
          { label: t('id'), value: <CopyText value={operation.id} label={t('id')} mono /> },
          ...(operation.staffActs.length === 0
            ? []
            : [{ label: t('acts'), value: <StaffActs acts={operation.staffActs} /> }]),
          { label: t('why'), value: <span className={styles.said}>{operation.errorDetail ?? t('noWhy')}</span> },
        ]}
      />
      <h3>{t('lastWord')}</h3>
      <HostWords words={operation.hostWords} />
      <h3>{t('steps')}</h3>
      <StepList steps={operation.steps} />
      <Decide operation={operation} onDecided={onDecided} />
    </section>
  );
}
