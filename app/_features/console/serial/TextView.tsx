'use client';

import { useTranslations } from 'next-intl';
import { Dialog } from '../../../_ui/Dialog.tsx';
import styles from '../console.module.css';

/** The output as plain text, for screen readers and for copying from. */
export function TextView({ name, lines, onClose }: { name: string; lines: string[]; onClose: () => void }) {
  const t = useTranslations('console.term');
  return (
    <Dialog open onClose={onClose} title={t('textTitle', { name, lines: lines.length })}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keys */}
      <pre className={styles.text} tabIndex={0}>
        {lines.join('\n')}
      </pre>
    </Dialog>
  );
}
