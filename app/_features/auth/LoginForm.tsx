'use client';

import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { signIn } from '../../_lib/auth-client.ts';
import { afterLogin } from '../../_lib/paths.ts';
import { ActionButton } from '../../_ui/ActionButton.tsx';
import { ErrorSummary, type SummaryError } from '../../_ui/ErrorSummary.tsx';
import { Field } from '../../_ui/Field.tsx';
import { PasswordInput, TextInput } from '../../_ui/inputs.tsx';

export function LoginForm({ next }: { next: string | undefined }) {
  const t = useTranslations('auth');
  const tField = useTranslations('fields');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [errors, setErrors] = useState<SummaryError[]>([]);
  const [busy, setBusy] = useState(false);
  const errorOf = (field: string) => errors.find((error) => error.field === field)?.text;

  async function submit() {
    const missing = [
      ...(email.trim() === '' ? [{ field: 'email', text: tField('empty', { label: t('fields.email') }) }] : []),
      ...(password === '' ? [{ field: 'password', text: tField('empty', { label: t('fields.password') }) }] : []),
    ];
    setErrors(missing);
    if (missing.length > 0 || busy) return;
    setBusy(true);
    const outcome = await signIn({ email: email.normalize('NFKC').trim(), password });
    if (outcome.ok) {
      // A whole load: the pages behind are drawn for this person from the start.
      window.location.assign(afterLogin(next));
      return;
    }
    setBusy(false);
    setErrors([
      {
        text:
          outcome.reason === 'wrong-pair' || (outcome.reason === 'fields' && 'email' in outcome.fields)
            ? t('login.wrongPair')
            : outcome.reason === 'too-many'
              ? t('login.tooMany', { minutes: outcome.minutes })
              : t('login.failed'),
      },
    ]);
  }

  return (
    <form
      noValidate
      method="post"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <ErrorSummary errors={errors} />
      <Field name="email" label={t('fields.email')} error={errorOf('email')}>
        <TextInput
          name="email"
          type="email"
          inputMode="email"
          autoComplete="username"
          autoCapitalize="off"
          spellCheck={false}
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
      </Field>
      <Field name="password" label={t('fields.password')} error={errorOf('password')}>
        <PasswordInput
          name="password"
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
      </Field>
      <ActionButton type="submit" tone="primary" busy={busy}>
        {t('login.submit')}
      </ActionButton>
    </form>
  );
}
