'use client';

import { useTranslations } from 'next-intl';
import { Field } from './Field.tsx';
import { TextInput } from './inputs.tsx';

/** Trimmed and NFKC: what an IME types in full width passes. */
export function sameName(typed: string, name: string): boolean {
  return typed.normalize('NFKC').trim() === name.normalize('NFKC').trim();
}

interface ConfirmNameFieldProps {
  /** The name that must be typed. */
  name: string;
  value: string;
  onChange: (value: string) => void;
  /** The button was pressed and the name differs (`sameName`). */
  mismatch: boolean;
}

/** The last question before something is lost for good. The button beside it is never disabled. */
export function ConfirmNameField({ name, value, onChange, mismatch }: ConfirmNameFieldProps) {
  const t = useTranslations('common');
  return (
    <Field
      name="confirmName"
      label={t('confirmName', { name })}
      error={mismatch ? t('confirmNameMismatch', { name }) : undefined}
    >
      <TextInput
        value={value}
        onChange={(event) => onChange(event.target.value)}
        autoCapitalize="off"
        autoComplete="off"
        spellCheck={false}
        mono
      />
    </Field>
  );
}
