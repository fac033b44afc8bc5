'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useLocale, useTranslations } from 'next-intl';
import { useState } from 'react';
import type { StaffOperationView } from '../../../server/hosts/schema.ts';
import { failureOf, useErrorWords } from '../../_lib/errors.ts';
import { labelWords } from '../../_lib/format/label.ts';
import { useTRPC } from '../../_lib/trpc/client.tsx';
import { ActionButton } from '../../_ui/ActionButton.tsx';
import { Dialog } from '../../_ui/Dialog.tsx';
import { FailureNote } from '../../_ui/FailureNote.tsx';
import { Field, fieldId } from '../../_ui/Field.tsx';
import { TextArea } from '../../_ui/inputs.tsx';
import { useOperationWords } from '../operations/useOperationWords.ts';

/** Asks for the reason, which the customer will read; a refusal is told here, and what was typed stays. */
export function DecisionDialog({
  act,
  operation,
  help,
  cannot,
  onClose,
  onDecided,
}: {
  act: 'retry' | 'undo';
  operation: StaffOperationView;
  help: string;
  /** Why it is not possible, where it is not. */
  cannot: string | undefined;
  onClose: () => void;
  onDecided: (said: string) => void;
}) {
  const t = useTranslations('staff.operations');
  const fields = useTranslations('fields');
  const locale = useLocale();
  const words = useOperationWords();
  const errors = useErrorWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [reason, setReason] = useState('');
  const [missing, setMissing] = useState(false);
  const settled = {
    onSuccess: () => {
      onDecided(act === 'retry' ? t('retried') : t('undone'));
      onClose();
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: trpc.staff.pathKey() }),
  };
  const retry = useMutation(trpc.staff.operations.retry.mutationOptions(settled));
  const undo = useMutation(trpc.staff.operations.undo.mutationOptions(settled));
  const decide = act === 'retry' ? retry : undo;
  const label = t('reason');
  const refused = decide.error === null ? {} : errors.fields(decide.error, { reason: label });
  const whole = decide.error !== null && refused.reason === undefined ? decide.error : null;
  const { code, params } = whole === null ? {} : failureOf(whole);
  const refusal = code !== 'NOT_POSSIBLE' ? undefined : params?.reason === 'guest-running' ? 'guestRuns' : 'overtaken';

  function submit() {
    setMissing(reason.trim() === '');
    if (reason.trim() === '') document.getElementById(fieldId('reason'))?.focus();
    if (reason.trim() === '' || decide.isPending) return;
    // The attempt that is on the screen: a repeat of this click is the same decision.
    decide.mutate({ operationId: operation.id, attempt: operation.attempt, reason });
  }

  const title = t(`${act}Title`, { kind: words.kind(operation.kind) });
  if (cannot !== undefined && !decide.isPending)
    return (
      <Dialog open onClose={onClose} title={title}>
        <p>{cannot}</p>
      </Dialog>
    );
  return (
    <Dialog
      open
      onClose={onClose}
      onSubmit={submit}
      title={title}
      actions={
        <ActionButton tone={act === 'retry' ? 'primary' : 'danger'} type="submit" busy={decide.isPending}>
          {t(`${act}Confirm`)}
        </ActionButton>
      }
    >
      <p>{help}</p>
      <Field
        name="reason"
        label={label}
        help={t('reasonHelp')}
        error={missing ? fields('empty', labelWords(label, locale)) : refused.reason}
      >
        <TextArea
          rows={3}
          value={reason}
          onChange={(event) => {
            setReason(event.target.value);
            setMissing(false);
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || !(event.metaKey || event.ctrlKey) || event.nativeEvent.isComposing) return;
            event.preventDefault();
            submit();
          }}
        />
      </Field>
      {whole === null ? null : (
        <FailureNote
          title={t('failed')}
          facts={refusal === undefined ? [errors.text(whole), t('failedFact')] : [t(refusal)]}
          id={errors.id(whole)}
        />
      )}
    </Dialog>
  );
}
