'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { useErrorWords } from '../../_lib/errors.ts';
import { useTRPC } from '../../_lib/trpc/client.tsx';
import { ActionButton } from '../../_ui/ActionButton.tsx';
import { Field } from '../../_ui/Field.tsx';
import { TextArea, TextInput } from '../../_ui/inputs.tsx';
import { looksPrivate, SshKeyReading } from '../account/SshKeyForm.tsx';
import styles from './order.module.css';

/** Adds a public key to the account without leaving the order; what was pasted is read back as type and fingerprint. */
export function AddKey({ onAdded, onClose }: { onAdded: (id: string) => void; onClose: (() => void) | undefined }) {
  const t = useTranslations('order.signIn');
  const fields = useTranslations('fields');
  const words = useErrorWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [publicKey, setPublicKey] = useState('');
  const [name, setName] = useState('');
  const [isPrivate, setIsPrivate] = useState(false);
  const add = useMutation(
    trpc.sshKeys.add.mutationOptions({
      onSuccess: async (added) => {
        await queryClient.invalidateQueries({ queryKey: trpc.sshKeys.list.queryKey() });
        onAdded(added.id);
      },
    }),
  );
  const labels = { publicKey: t('keyText'), name: t('keyName') };
  const refused = add.error === null ? {} : words.fields(add.error, labels);
  const whole = add.error !== null && Object.keys(refused).length === 0 ? words.text(add.error) : undefined;

  function submit() {
    // A private key stays in the browser.
    setIsPrivate(looksPrivate(publicKey));
    if (looksPrivate(publicKey) || add.isPending) return;
    add.mutate(name.trim() === '' ? { publicKey } : { publicKey, name });
  }

  return (
    <div className={styles.addKey}>
      <Field
        name="publicKey"
        label={labels.publicKey}
        help={t('keyHelp')}
        error={isPrivate ? fields('ssh-key-private') : (refused.publicKey ?? whole)}
      >
        <TextArea
          rows={3}
          mono
          value={publicKey}
          onChange={(event) => {
            setPublicKey(event.target.value);
            setIsPrivate(false);
            add.reset();
          }}
          autoCapitalize="off"
          autoComplete="off"
          spellCheck={false}
        />
      </Field>
      <SshKeyReading publicKey={publicKey} />
      <Field name="keyName" label={labels.name} help={t('keyNameHelp')} error={refused.name} optional>
        <TextInput
          value={name}
          onChange={(event) => setName(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
            // This field's own verb, not the order's.
            event.preventDefault();
            submit();
          }}
          autoComplete="off"
        />
      </Field>
      <div className={styles.buttons}>
        <ActionButton busy={add.isPending} onClick={submit}>
          {t('add')}
        </ActionButton>
        {onClose === undefined ? null : <ActionButton onClick={onClose}>{t('close')}</ActionButton>}
      </div>
    </div>
  );
}
