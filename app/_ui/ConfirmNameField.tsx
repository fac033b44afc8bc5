'use client';

import { Field } from './Field.tsx';
import { TextInput } from './inputs.tsx';

/** Trimmed and NFKC: what an IME types in full width passes. */
export function sameName(typed: string, name: string): boolean {
  return typed.normalize('NFKC').trim() === name.normalize('NFKC').trim();
}

interface ConfirmNameFieldProps {
  /** Names the thing and what to type. */
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** The button was pressed and the name differs (`sameName`). */
  error: string | undefined;
}

/** The last question before something is lost for good. The button beside it is never disabled. */
export function ConfirmNameField({ label, value, onChange, error }: ConfirmNameFieldProps) {
  return (
    <Field name="confirmName" label={label} error={error}>
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
