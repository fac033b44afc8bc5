'use client';

import { useTranslations } from 'next-intl';
import type { ReactNode } from 'react';
import { ActionButton } from '../../_ui/ActionButton.tsx';
import { ErrorSummary, type SummaryError } from '../../_ui/ErrorSummary.tsx';
import { Field } from '../../_ui/Field.tsx';
import { TextInput } from '../../_ui/inputs.tsx';

/** Signing in and signing up: what is wrong above, the fields, one button. */
export function AuthForm({
  errors,
  busy,
  submitWords,
  onSubmit,
  children,
}: {
  errors: SummaryError[];
  busy: boolean;
  submitWords: string;
  onSubmit: () => Promise<void>;
  children: ReactNode;
}) {
  return (
    <form
      noValidate
      // Before the page is alive nothing typed may end in the address.
      method="post"
      onSubmit={(event) => {
        event.preventDefault();
        void onSubmit();
      }}
    >
      <ErrorSummary errors={errors} />
      {children}
      <ActionButton type="submit" tone="primary" busy={busy}>
        {submitWords}
      </ActionButton>
    </form>
  );
}

/** The user's name for a password manager, too. */
export function EmailField({
  value,
  onChange,
  error,
}: {
  value: string;
  onChange: (value: string) => void;
  error: string | undefined;
}) {
  const t = useTranslations('auth.fields');
  return (
    <Field name="email" label={t('email')} error={error}>
      <TextInput
        name="email"
        type="email"
        inputMode="email"
        autoComplete="username"
        autoCapitalize="off"
        spellCheck={false}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </Field>
  );
}
