'use client';

import { useMutation } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { useErrorWords } from '../../_lib/errors.ts';
import { useTRPC } from '../../_lib/trpc/client.tsx';
import { ActionButton } from '../../_ui/ActionButton.tsx';
import { Field } from '../../_ui/Field.tsx';
import { TextInput } from '../../_ui/inputs.tsx';
import styles from './account.module.css';

/** The person's own name, as colleagues read it in the history. */
export function NameForm({ name: saved }: { name: string }) {
  const t = useTranslations('account.profile');
  const words = useErrorWords();
  const trpc = useTRPC();
  const router = useRouter();
  const [name, setName] = useState(saved);
  const [note, setNote] = useState('');
  const label = t('name');
  const save = useMutation(
    trpc.account.preferences.mutationOptions({
      onSuccess: () => {
        setNote(t('nameSaved'));
        // The name in the top bar is drawn by the server.
        router.refresh();
      },
    }),
  );
  const error = save.error ? (words.fields(save.error, { name: label }).name ?? words.text(save.error)) : undefined;
  return (
    <form
      noValidate
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        setNote('');
        if (!save.isPending) save.mutate({ name: name.trim() });
      }}
    >
      <Field name="name" label={label} help={t('nameHelp')} error={error}>
        <TextInput autoComplete="name" value={name} onChange={(event) => setName(event.target.value)} />
      </Field>
      <ActionButton type="submit" busy={save.isPending}>
        {t('saveName')}
      </ActionButton>
      <p className={styles.after} role="status">
        {note}
      </p>
    </form>
  );
}
