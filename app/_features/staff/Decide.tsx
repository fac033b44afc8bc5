'use client';

import { useTranslations } from 'next-intl';
import type { StaffOperationView } from '../../../server/hosts/schema.ts';
import { ActionButton } from '../../_ui/ActionButton.tsx';
import { useDialog } from '../../_ui/useDialog.ts';
import { DecisionDialog } from './DecisionDialog.tsx';
import styles from './staff.module.css';

/** The two ways on from an operation that gave up, each with its consequence in words; both ask for a reason. */
export function Decide({
  operation,
  onDecided,
}: {
  operation: StaffOperationView;
  /** What to announce; the operation may leave the page with its decision. */
  onDecided: (said: string) => void;
}) {
  const t = useTranslations('staff.operations');
  const dialog = useDialog();
  const cannot = {
    retry: operation.canRetry ? undefined : t('cannotRetry'),
    undo: operation.canUndo
      ? undefined
      : operation.guestRuns
        ? t('guestRuns')
        : t('cannotUndo', { kind: operation.kind }),
  };
  const help = { retry: t('retryHelp'), undo: t(`undoHelp.${operation.kind}`) };
  return (
    <>
      <div className={styles.decide}>
        {(['retry', 'undo'] as const).map((act) => (
          <div key={act}>
            <ActionButton
              tone={act === 'retry' ? 'primary' : 'default'}
              reason={cannot[act]}
              onClick={() => dialog.open(`${act}-${operation.id}`)}
            >
              {t('withDialog', { label: t(act) })}
            </ActionButton>
            <p className={styles.quiet}>{help[act]}</p>
          </div>
        ))}
      </div>
      {(['retry', 'undo'] as const).map((act) =>
        dialog.verb === `${act}-${operation.id}` ? (
          <DecisionDialog
            key={act}
            act={act}
            operation={operation}
            help={help[act]}
            cannot={cannot[act]}
            onClose={dialog.close}
            onDecided={onDecided}
          />
        ) : null,
      )}
    </>
  );
}
