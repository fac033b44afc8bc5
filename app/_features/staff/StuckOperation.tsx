'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useId } from 'react';
import type { StaffOperationView } from '../../../server/hosts/schema.ts';
import { useErrorWords } from '../../_lib/errors.ts';
import { useTRPC } from '../../_lib/trpc/client.tsx';
import { ActionButton } from '../../_ui/ActionButton.tsx';
import { CopyText } from '../../_ui/CopyText.tsx';
import { DataList } from '../../_ui/DataList.tsx';
import { Dialog } from '../../_ui/Dialog.tsx';
import { FailureNote } from '../../_ui/FailureNote.tsx';
import { StateBadge } from '../../_ui/StateBadge.tsx';
import { TimeText } from '../../_ui/TimeText.tsx';
import { useDialog } from '../../_ui/useDialog.ts';
import { StepList } from '../operations/StepList.tsx';
import { useOperationWords } from '../operations/useOperationWords.ts';
import { HostWords } from './HostWords.tsx';
import styles from './staff.module.css';

/** One operation that gave up: why, its steps, what the host said last, and two ways on with their consequence. */
export function StuckOperation({ operation }: { operation: StaffOperationView }) {
  const t = useTranslations('staff.operations');
  const states = useTranslations('operations.state');
  const words = useOperationWords();
  const errorWords = useErrorWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const dialog = useDialog();
  const heading = useId();
  const settled = { onSettled: () => queryClient.invalidateQueries({ queryKey: trpc.staff.pathKey() }) };
  const retry = useMutation(trpc.staff.operations.retry.mutationOptions(settled));
  const undo = useMutation(trpc.staff.operations.undo.mutationOptions(settled));
  const input = { operationId: operation.id };
  const failed = retry.error ?? undo.error;
  const undoVerb = `undo-${operation.id}`;
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
          { label: t('why'), value: <span className={styles.said}>{operation.errorDetail ?? t('noWhy')}</span> },
        ]}
      />
      <h3>{t('lastWord')}</h3>
      <HostWords words={operation.hostWords} />
      <h3>{t('steps')}</h3>
      <StepList steps={operation.steps} />
      <div className={styles.decide}>
        <div>
          <ActionButton
            tone="primary"
            busy={retry.isPending}
            reason={operation.canRetry ? undefined : t('cannotRetry')}
            onClick={() => retry.mutate(input)}
          >
            {t('retry')}
          </ActionButton>
          <p className={styles.quiet}>{t('retryHelp')}</p>
        </div>
        <div>
          <ActionButton
            busy={undo.isPending}
            reason={operation.canUndo ? undefined : t('cannotUndo', { kind: operation.kind })}
            onClick={() => dialog.open(undoVerb)}
          >
            {t('undo')}
          </ActionButton>
          <p className={styles.quiet}>{t(`undoHelp.${operation.kind}`)}</p>
        </div>
      </div>
      <span className="visually-hidden" role="status">
        {retry.isSuccess ? t('retried') : undo.isSuccess ? t('undone') : ''}
      </span>
      {failed === null ? null : (
        <FailureNote
          title={t('failed')}
          facts={[errorWords.text(failed), t('failedFact')]}
          id={errorWords.id(failed)}
        />
      )}
      {operation.canUndo ? (
        <Dialog
          open={dialog.verb === undoVerb}
          onClose={dialog.close}
          title={t('undoTitle', { kind })}
          actions={
            <ActionButton
              tone="danger"
              busy={undo.isPending}
              onClick={() => undo.mutate(input, { onSettled: () => dialog.close() })}
            >
              {t('undoConfirm')}
            </ActionButton>
          }
        >
          <p>{t(`undoHelp.${operation.kind}`)}</p>
        </Dialog>
      ) : null}
    </section>
  );
}
