'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import type { StaffOperationView } from '../../../server/hosts/schema.ts';
import { useErrorWords } from '../../_lib/errors.ts';
import { useTRPC } from '../../_lib/trpc/client.tsx';
import { ActionButton } from '../../_ui/ActionButton.tsx';
import { Dialog } from '../../_ui/Dialog.tsx';
import { FailureNote } from '../../_ui/FailureNote.tsx';
import { useDialog } from '../../_ui/useDialog.ts';
import { useOperationWords } from '../operations/useOperationWords.ts';
import styles from './staff.module.css';

/** The two ways on from an operation that gave up, each with its consequence in words. */
export function Decide({ operation }: { operation: StaffOperationView }) {
  const t = useTranslations('staff.operations');
  const words = useOperationWords();
  const errorWords = useErrorWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const dialog = useDialog();
  const settled = { onSettled: () => queryClient.invalidateQueries({ queryKey: trpc.staff.pathKey() }) };
  const retry = useMutation(trpc.staff.operations.retry.mutationOptions(settled));
  const undo = useMutation(trpc.staff.operations.undo.mutationOptions(settled));
  const input = { operationId: operation.id };
  const failed = retry.error ?? undo.error;
  const undoVerb = `undo-${operation.id}`;

  return (
    <>
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
      <Dialog
        open={dialog.verb === undoVerb}
        onClose={dialog.close}
        title={t('undoTitle', { kind: words.kind(operation.kind) })}
        actions={
          operation.canUndo ? (
            <ActionButton
              tone="danger"
              busy={undo.isPending}
              onClick={() => undo.mutate(input, { onSettled: () => dialog.close() })}
            >
              {t('undoConfirm')}
            </ActionButton>
          ) : undefined
        }
      >
        <p>{operation.canUndo ? t(`undoHelp.${operation.kind}`) : t('cannotUndo', { kind: operation.kind })}</p>
      </Dialog>
    </>
  );
}
