'use client';

import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useTranslations } from 'next-intl';
import { type ReactNode, useEffect, useState } from 'react';
import styles from './CopyText.module.css';

interface CopyTextProps {
  /** What is copied; shown too, unless `children` show it in another form. */
  value: string;
  /** What it is, for the spoken name: 「IPv4アドレス」. */
  label: string;
  mono?: boolean;
  children?: ReactNode;
}

/** The whole text is the target. The icon turns into a check mark for two seconds; there is no toast. */
export function CopyText({ value, label, mono = false, children }: CopyTextProps) {
  const t = useTranslations('common');
  const [outcome, setOutcome] = useState<'copied' | 'refused'>();
  useEffect(() => {
    if (outcome === undefined) return;
    const timer = setTimeout(() => setOutcome(undefined), 2000);
    return () => clearTimeout(timer);
  }, [outcome]);

  async function copy() {
    try {
      await navigator.clipboard.writeText(value.trim());
      setOutcome('copied');
    } catch {
      // No permission, or no secure context: say it, the text can still be selected.
      setOutcome('refused');
    }
  }

  return (
    <>
      <button type="button" className={styles.copy} onClick={copy} title={t('copyOf', { label })}>
        <span className={mono ? 'mono' : undefined}>{children ?? value}</span>
        {outcome === 'copied' ? (
          <IconCheck className={styles.done} size={16} stroke={2} aria-hidden />
        ) : (
          <IconCopy className={styles.icon} size={16} stroke={1.75} aria-hidden />
        )}
        <span className="visually-hidden">{t('copyOf', { label })}</span>
      </button>
      <span className="visually-hidden" role="status">
        {outcome === 'copied' ? t('copied', { label }) : outcome === 'refused' ? t('copyRefused') : ''}
      </span>
    </>
  );
}
