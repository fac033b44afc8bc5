'use client';

import { IconEye, IconEyeOff } from '@tabler/icons-react';
import { useTranslations } from 'next-intl';
import { type ComponentProps, type ReactNode, useState } from 'react';
import styles from './Field.module.css';
import { useControl } from './Field.tsx';

/** Width tells the expected length. */
type Width = 'short' | 'medium' | 'full';
function inputClass(width: Width): string {
  return width === 'full' ? (styles.input ?? '') : `${styles.input} ${styles[width]}`;
}

export function TextInput({
  width = 'medium',
  mono,
  ...props
}: ComponentProps<'input'> & { width?: Width; mono?: boolean }) {
  return <input {...useControl()} {...props} className={inputClass(width)} data-mono={mono || undefined} />;
}

/** Enter makes a line; with Ctrl or ⌘ it sends the form. */
export function TextArea({ mono, ...props }: ComponentProps<'textarea'> & { mono?: boolean }) {
  return (
    <textarea
      {...useControl()}
      onKeyDown={({ key, ctrlKey, metaKey, nativeEvent, currentTarget }) => {
        if (key === 'Enter' && ctrlKey !== metaKey && !nativeEvent.isComposing) currentTarget.form?.requestSubmit();
      }}
      {...props}
      className={inputClass('full')}
      data-mono={mono || undefined}
    />
  );
}

/** A password may be seen while it is typed; paste and password managers work. */
export function PasswordInput(props: Omit<ComponentProps<'input'>, 'type'>) {
  const t = useTranslations('common');
  const [shown, setShown] = useState(false);
  return (
    <div className={styles.withButton}>
      <input
        {...useControl()}
        {...props}
        type={shown ? 'text' : 'password'}
        className={styles.input}
        autoCapitalize="off"
        spellCheck={false}
      />
      <button type="button" className={styles.reveal} aria-pressed={shown} onClick={() => setShown(!shown)}>
        {shown ? <IconEyeOff size={20} stroke={1.75} aria-hidden /> : <IconEye size={20} stroke={1.75} aria-hidden />}
        {shown ? t('hide') : t('show')}
      </button>
    </div>
  );
}

/** One radio button or checkbox with its words; `help` stands under them. */
export function Choice({
  type = 'radio',
  label,
  help,
  ...props
}: Omit<ComponentProps<'input'>, 'type'> & { type?: 'radio' | 'checkbox'; label: ReactNode; help?: ReactNode }) {
  return (
    <label className={styles.choice}>
      <input {...props} type={type} />
      <span>{label}</span>
      {help ? <span className={styles.choiceHelp}>{help}</span> : null}
    </label>
  );
}
