'use client';

import { useLocale, useTranslations } from 'next-intl';
import { useState } from 'react';
import { signIn } from '../../_lib/auth-client.ts';
import { labelWords } from '../../_lib/format/label.ts';
import { afterLogin } from '../../_lib/paths.ts';
import type { SummaryError } from '../../_ui/ErrorSummary.tsx';
import { Field } from '../../_ui/Field.tsx';
import { PasswordInput } from '../../_ui/inputs.tsx';
import { AuthForm, EmailField } from './AuthForm.tsx';

export function LoginForm({ next }: { next: string | undefined }) {
  const t = useTranslations('auth');
  const tField = useTranslations('fields');
  const locale = useLocale();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [errors, setErrors] = useState<SummaryError[]>([]);
  const [busy, setBusy] = useState(false);
  const errorOf = (field: string) => errors.find((error) => error.field === field)?.text;

  async function submit() {
    const missing = [
      ...(email.trim() === ''
        ? [{ field: 'email', text: tField('empty', labelWords(t('fields.email'), locale)) }]
        : []),
      ...(password === ''
        ? [{ field: 'password', text: tField('empty', labelWords(t('fields.password'), locale)) }]
        : []),
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
    <AuthForm errors={errors} busy={busy} submitWords={t('login.submit')} onSubmit={submit}>
      <EmailField value={email} onChange={setEmail} error={errorOf('email')} />
      <Field name="password" label={t('fields.password')} error={errorOf('password')}>
        <PasswordInput
          name="password"
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
      </Field>
    </AuthForm>
  );
}
