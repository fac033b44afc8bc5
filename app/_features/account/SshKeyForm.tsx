'use client';

import { IconCheck } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useDeferredValue, useState } from 'react';
import { useErrorWords } from '../../_lib/errors.ts';
import { useTRPC } from '../../_lib/trpc/client.tsx';
import { ActionButton } from '../../_ui/ActionButton.tsx';
import { ErrorSummary, type SummaryError } from '../../_ui/ErrorSummary.tsx';
import { Field } from '../../_ui/Field.tsx';
import { TextArea, TextInput } from '../../_ui/inputs.tsx';
import styles from './account.module.css';
import type { KeyKind } from './key-kind.ts';

/** No key of use is longer; it is read by a GET, whose address has its limits. */
const longestRead = 4000;

/** A private key is told apart here: it must not leave the browser. */
export function looksPrivate(text: string): boolean {
  return /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----|PuTTY-User-Key-File/.test(text);
}

/** Paste a key, see what it is, add it. `onAdded` gets its name. */
export function SshKeyForm({ kind, onAdded }: { kind: KeyKind; onAdded: (name: string) => void }) {
  const t = useTranslations('account.sshKeys');
  const trpc = useTRPC();
  const procedures = kind === 'own' ? trpc.userKeys : trpc.sshKeys;
  // Both forms stand on one page.
  const idOf = (field: string) => (kind === 'own' ? `own-${field}` : field);
  const queryClient = useQueryClient();
  const tField = useTranslations('fields');
  const words = useErrorWords();
  const [name, setName] = useState('');
  const [publicKey, setPublicKey] = useState('');
  const [errors, setErrors] = useState<SummaryError[]>([]);
  const labels = { name: t('name'), publicKey: t('publicKey') };
  const errorOf = (field: string) => errors.find((error) => error.field === idOf(field))?.text;
  const show = (list: SummaryError[]) =>
    setErrors(list.map(({ field, text }) => (field === undefined ? { text } : { field: idOf(field), text })));

  const add = useMutation(
    procedures.add.mutationOptions({
      onSuccess: async (key) => {
        setName('');
        setPublicKey('');
        setErrors([]);
        await queryClient.invalidateQueries(procedures.list.queryFilter());
        onAdded(key.name);
      },
      onError: (error) => show(words.summary(error, labels)),
    }),
  );

  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (looksPrivate(publicKey)) show([{ field: 'publicKey', text: tField('ssh-key-private') }]);
        else if (!add.isPending) add.mutate({ publicKey, ...(name.trim() === '' ? {} : { name }) });
      }}
    >
      <ErrorSummary errors={errors} />
      <Field name={idOf('publicKey')} label={labels.publicKey} help={t('publicKeyHelp')} error={errorOf('publicKey')}>
        <TextArea
          mono
          rows={4}
          autoCapitalize="off"
          autoComplete="off"
          spellCheck={false}
          value={publicKey}
          onChange={(event) => setPublicKey(event.target.value)}
        />
      </Field>
      <SshKeyReading publicKey={publicKey} />
      <Field name={idOf('name')} label={labels.name} help={t('nameHelp')} optional error={errorOf('name')}>
        <TextInput autoComplete="off" value={name} onChange={(event) => setName(event.target.value)} />
      </Field>
      <ActionButton type="submit" tone="primary" busy={add.isPending}>
        {t('submit')}
      </ActionButton>
    </form>
  );
}

/** What the pasted text is, while typing: its type and fingerprint, or why it is not a key. */
export function SshKeyReading({ publicKey }: { publicKey: string }) {
  const t = useTranslations('account.sshKeys');
  const tField = useTranslations('fields');
  const trpc = useTRPC();
  const text = useDeferredValue(publicKey).trim();
  const isPrivate = looksPrivate(text);
  const reading = useQuery(
    trpc.sshKeys.read.queryOptions(
      { publicKey: text },
      {
        enabled: text !== '' && text.length <= longestRead && !isPrivate,
        placeholderData: (previous) => previous,
        staleTime: Number.POSITIVE_INFINITY,
      },
    ),
  );
  const found = text === '' || isPrivate ? undefined : reading.data;
  return (
    <div className={styles.read} role="status">
      {isPrivate ? tField('ssh-key-private') : null}
      {found?.ok === true ? (
        <>
          <p className={styles.readOk}>
            <IconCheck size={20} stroke={1.75} aria-hidden /> {t('read', { type: found.type })}
          </p>
          <p className="mono">{found.fingerprint}</p>
        </>
      ) : null}
      {found?.ok === false && found.code !== 'empty' ? tField(found.code) : null}
    </div>
  );
}
