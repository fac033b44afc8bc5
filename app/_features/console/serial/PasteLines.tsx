'use client';

import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { ActionButton } from '../../../_ui/ActionButton.tsx';
import { Dialog } from '../../../_ui/Dialog.tsx';
import { Field } from '../../../_ui/Field.tsx';
import { TextArea } from '../../../_ui/inputs.tsx';

/** A text before it goes to the guest: several lines may run commands. It can be changed here. */
export function PasteLines({
  text: initial,
  onPaste,
  onClose,
}: {
  text: string;
  onPaste: (text: string) => void;
  onClose: () => void;
}) {
  const t = useTranslations('console.term');
  const [text, setText] = useState(initial);
  const lines =
    text === ''
      ? 0
      : text
          .replace(/\r\n?|\n$/g, '\n')
          .replace(/\n$/, '')
          .split('\n').length;
  return (
    <Dialog
      open
      onClose={onClose}
      onSubmit={() => {
        onPaste(text);
        onClose();
      }}
      title={lines > 1 ? t('pasteTitle', { lines }) : t('pasteConfirm')}
      actions={
        <ActionButton tone="primary" type="submit">
          {t('pasteConfirm')}
        </ActionButton>
      }
    >
      {/[\r\n]/.test(text) ? <p>{t('pasteBody')}</p> : null}
      <Field name="paste" label={t('pasteLabel')}>
        <TextArea
          value={text}
          rows={8}
          mono
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => setText(event.target.value)}
        />
      </Field>
    </Dialog>
  );
}
