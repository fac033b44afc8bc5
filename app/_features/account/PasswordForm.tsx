'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useLocale, useTranslations } from 'next-intl';
import { useState } from 'react';
import { useErrorWords } from '../../_lib/errors.ts';
import { labelWords } from '../../_lib/format/label.ts';
import { useTRPC } from '../../_lib/trpc/client.tsx';
import { ActionButton } from '../../_ui/ActionButton.tsx';
import { ErrorSummary, type SummaryError } from '../../_ui/ErrorSummary.tsx';
import { Field } from '../../_ui/Field.tsx';
import { PasswordInput } from '../../_ui/inputs.tsx';
import styles from './account.module.css';

/** The present password and the new one; everybody who is signed in elsewhere is signed out by it. */
export function PasswordForm({ passwordMin }: { passwordMin: number }) {
  const t = useTranslations('account.security');
  const tField = useTranslations('fields');
  const locale = useLocale();
  const words = useErrorWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const [errors, setErrors] = useState<SummaryError[]>([]);
  const [note, setNote] = useState('');
  const labels = { current: t('current'), password: t('new') };
  const errorOf = (field: string) => errors.find((error) => error.field === field)?.text;

  const change = useMutation(
    trpc.account.changePassword.mutationOptions({
      onSuccess: async ({ ended }) => {
        setCurrent('');
        setPassword('');
        setErrors([]);
        setNote(t('passwordChanged', { count: ended }));
        await queryClient.invalidateQueries(trpc.account.sessions.queryFilter());
      },
      onError: (error) => setErrors(words.summary(error, labels)),
    }),
  );

  function submit() {
    setNote('');
    const missing = Object.entries({ current, password })
      .filter(([, value]) => value === '')
      .map(([field]) => ({ field, text: tField('empty', labelWords(labels[field as keyof typeof labels], locale)) }));
    setErrors(missing);
    if (missing.length === 0 && !change.isPending) change.mutate({ current, password });
  }

  return (
    <form
      noValidate
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <p className={styles.lead}>{t('passwordLead')}</p>
      <ErrorSummary errors={errors} />
      <Field name="current" label={labels.current} error={errorOf('current')}>
        <PasswordInput
          autoComplete="current-password"
          value={current}
          onChange={(event) => setCurrent(event.target.value)}
        />
      </Field>
      <Field
        name="password"
        label={labels.password}
        help={t('newHelp', { min: passwordMin })}
        error={errorOf('password')}
      >
        <PasswordInput
          autoComplete="new-password"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
      </Field>
      <ActionButton type="submit" tone="primary" busy={change.isPending}>
        {t('changePassword')}
      </ActionButton>
      <p className={styles.after} role="status">
        {note}
      </p>
    </form>
  );
}
