'use client';

import { useLocale, useTranslations } from 'next-intl';
import { useState } from 'react';
import { type AuthOutcome, signUp } from '../../_lib/auth-client.ts';
import { labelWords } from '../../_lib/format/label.ts';
import { paths } from '../../_lib/paths.ts';
import type { SummaryError } from '../../_ui/ErrorSummary.tsx';
import { Field } from '../../_ui/Field.tsx';
import { PasswordInput, TextInput } from '../../_ui/inputs.tsx';
import { AuthForm, EmailField } from './AuthForm.tsx';

const nameMax = 100;

/** Lengths are the server's (auth/passwords.ts), handed in so that its code stays out of the browser. */
export function SignupForm({ passwordMin, passwordMax }: { passwordMin: number; passwordMax: number }) {
  const t = useTranslations('auth');
  const tField = useTranslations('fields');
  const locale = useLocale();
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [errors, setErrors] = useState<SummaryError[]>([]);
  const [busy, setBusy] = useState(false);
  const errorOf = (field: string) => errors.find((error) => error.field === field)?.text;
  const empty = (field: 'name' | 'email' | 'password') => ({
    field,
    text: tField('empty', labelWords(t(`fields.${field}`), locale)),
  });

  function passwordError(code: 'too-short' | 'too-long' | 'password-known-weak'): SummaryError {
    const params = { label: t('fields.password'), length: [...password].length, min: passwordMin, max: passwordMax };
    return { field: 'password', text: tField(code, params) };
  }

  function before(): SummaryError[] {
    const found: SummaryError[] = [];
    const nameLength = [...name.trim()].length;
    if (nameLength === 0) found.push(empty('name'));
    else if (nameLength > nameMax) {
      const params = { label: t('fields.name'), length: nameLength, max: nameMax };
      found.push({ field: 'name', text: tField('too-long', params) });
    }
    // The server decides; a slip that anybody sees is told at once, with the others.
    if (email.trim() === '') found.push(empty('email'));
    else if (!/^\S+@\S+\.\S+$/.test(email.trim())) found.push({ field: 'email', text: tField('email-format') });
    if (password === '') found.push(empty('password'));
    else if (password.length < passwordMin) found.push(passwordError('too-short'));
    else if (password.length > passwordMax) found.push(passwordError('too-long'));
    return found;
  }

  function told(outcome: Exclude<AuthOutcome, { ok: true }>): SummaryError[] {
    switch (outcome.reason) {
      case 'fields':
        return Object.entries(outcome.fields).map(([field, code]) =>
          code === 'email-format' ? { field, text: tField('email-format') } : passwordError(code),
        );
      case 'email-taken':
        return [{ field: 'email', text: t('signup.emailTaken') }];
      case 'too-many':
        return [{ text: t('signup.tooMany', { minutes: outcome.minutes }) }];
      default:
        return [{ text: t('signup.failed') }];
    }
  }

  async function submit() {
    const found = before();
    setErrors(found);
    if (found.length > 0 || busy) return;
    setBusy(true);
    const outcome = await signUp({ name: name.trim(), email: email.normalize('NFKC').trim(), password, locale });
    if (outcome.ok) {
      window.location.assign(paths.home);
      return;
    }
    setBusy(false);
    setErrors(told(outcome));
  }

  return (
    <AuthForm errors={errors} busy={busy} submitWords={t('signup.submit')} onSubmit={submit}>
      <Field name="name" label={t('fields.name')} help={t('fields.nameHelp')} error={errorOf('name')}>
        <TextInput name="name" autoComplete="name" value={name} onChange={(event) => setName(event.target.value)} />
      </Field>
      <EmailField value={email} onChange={setEmail} error={errorOf('email')} />
      <Field
        name="password"
        label={t('fields.password')}
        help={t('fields.newPasswordHelp', { min: passwordMin })}
        error={errorOf('password')}
      >
        <PasswordInput
          name="password"
          autoComplete="new-password"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
      </Field>
    </AuthForm>
  );
}
