'use client';

import { useTranslations } from 'next-intl';
import { useErrorWords } from '../../_lib/errors.ts';
import { ActionButton } from '../../_ui/ActionButton.tsx';
import { Dialog } from '../../_ui/Dialog.tsx';
import { FailureNote } from '../../_ui/FailureNote.tsx';

/** Signing out a browser elsewhere: what it means, and that the servers do not mind. */
export function EndSessionDialog({
  title,
  lead,
  busy,
  error,
  onConfirm,
  onClose,
}: {
  title: string;
  lead?: string;
  busy: boolean;
  error: unknown;
  onConfirm: () => void;
  onClose: () => void;
}) {
  const t = useTranslations('account.security');
  const words = useErrorWords();
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      actions={
        <ActionButton tone="primary" busy={busy} onClick={onConfirm}>
          {t('endConfirm')}
        </ActionButton>
      }
    >
      {lead === undefined ? null : <p>{lead}</p>}
      <p>{t('endBody')}</p>
      {error ? <FailureNote title={t('endFailed')} facts={[words.text(error)]} id={words.id(error)} /> : null}
    </Dialog>
  );
}
