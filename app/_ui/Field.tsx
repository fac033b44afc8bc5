'use client';

import { IconAlertOctagonFilled } from '@tabler/icons-react';
import { useTranslations } from 'next-intl';
import { createContext, type ReactNode, use, useId } from 'react';
import styles from './Field.module.css';

interface Control {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': true | undefined;
}
const ControlContext = createContext<Control | null>(null);

/** What the control inside a `Field` must carry. `TextInput`, `TextArea` and `PasswordInput` take it by themselves. */
export function useControl(): Partial<Control> {
  return use(ControlContext) ?? {};
}

interface FieldProps {
  /** The input's path, as errors name it; makes the id that `ErrorSummary` links to. */
  name: string;
  label: string;
  help?: ReactNode;
  error?: string | undefined;
  /** Marks the field 「任意」; most fields are required. */
  optional?: boolean;
  children: ReactNode;
}

export function fieldId(name: string): string {
  return `field-${name}`;
}

/** Label, help, control, error: in this order, tied together. */
export function Field({ name, label, help, error, optional = false, children }: FieldProps) {
  const t = useTranslations('common');
  const base = useId();
  const described = [error ? `${base}-error` : '', help ? `${base}-help` : ''].filter(Boolean).join(' ');
  const control: Control = {
    id: fieldId(name),
    'aria-describedby': described || undefined,
    'aria-invalid': error ? true : undefined,
  };
  return (
    <div className={styles.field} data-error={error ? true : undefined}>
      <label className={styles.label} htmlFor={control.id}>
        {label}
        {optional ? <span className={styles.optional}>{t('optional')}</span> : null}
      </label>
      {help ? (
        <div id={`${base}-help`} className={styles.help}>
          {help}
        </div>
      ) : null}
      <ControlContext value={control}>{children}</ControlContext>
      {error ? <FieldErrorText id={`${base}-error`}>{error}</FieldErrorText> : null}
    </div>
  );
}

/** Several choices under one question: the legend is the label. */
export function FieldGroup({ name, label, help, error, optional = false, children }: FieldProps) {
  const t = useTranslations('common');
  const base = useId();
  return (
    <fieldset
      id={fieldId(name)}
      className={styles.field}
      data-error={error ? true : undefined}
      aria-describedby={
        [error ? `${base}-error` : '', help ? `${base}-help` : ''].filter(Boolean).join(' ') || undefined
      }
    >
      <legend className={styles.label}>
        {label}
        {optional ? <span className={styles.optional}>{t('optional')}</span> : null}
      </legend>
      {help ? (
        <div id={`${base}-help`} className={styles.help}>
          {help}
        </div>
      ) : null}
      {children}
      {error ? <FieldErrorText id={`${base}-error`}>{error}</FieldErrorText> : null}
    </fieldset>
  );
}

function FieldErrorText({ id, children }: { id: string; children: ReactNode }) {
  return (
    <p id={id} className={styles.error}>
      <IconAlertOctagonFilled className={styles.errorIcon} size={16} aria-hidden />
      <span>{children}</span>
    </p>
  );
}
