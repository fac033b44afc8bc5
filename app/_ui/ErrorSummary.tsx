'use client';

import { useTranslations } from 'next-intl';
import { useEffect, useRef } from 'react';
import styles from './Field.module.css';
import { fieldId } from './Field.tsx';

export interface SummaryError {
  /** The `name` of the field; without one the sentence stands alone. */
  field?: string;
  text: string;
}

/** Takes the focus after a failed submit; each line leads to its field. Give it a new array per submit. */
export function ErrorSummary({ errors }: { errors: SummaryError[] }) {
  const t = useTranslations('common');
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (errors.length === 0) return;
    box.current?.focus();
    const title = document.title;
    document.title = t('errorTitle', { title });
    return () => {
      document.title = title;
    };
  }, [errors, t]);
  if (errors.length === 0) return null;
  return (
    <div ref={box} className={styles.summary} role="alert" tabIndex={-1}>
      <h2>{t('errorSummary', { count: errors.length })}</h2>
      <ul>
        {errors.map(({ field, text }) => (
          <li key={`${field}:${text}`}>
            {field === undefined ? (
              text
            ) : (
              <a
                href={`#${fieldId(field)}`}
                onClick={(event) => {
                  event.preventDefault();
                  goTo(field);
                }}
              >
                {text}
              </a>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

function goTo(field: string) {
  const element = document.getElementById(fieldId(field));
  if (element === null) return;
  // A group of choices has no focus of its own: its first control takes it.
  const control = element.matches('fieldset') ? element.querySelector<HTMLElement>('input, select, button') : element;
  control?.focus();
  element.scrollIntoView({ block: 'center' });
}
