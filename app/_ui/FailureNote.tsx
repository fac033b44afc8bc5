import { IconAlertOctagonFilled } from '@tabler/icons-react';
import { useTranslations } from 'next-intl';
import type { ReactNode } from 'react';
import styles from './page.module.css';

interface FailureNoteProps {
  /** What did not happen. */
  title: string;
  /** What is true now; what was touched (data, money). One sentence each. */
  facts?: string[];
  /** What the person can do. */
  actions?: ReactNode;
  /** Operation or error id, to be read out to support. */
  id?: string | undefined;
}

/** A failure that stays until it is answered. Its parts stand in a fixed order. */
export function FailureNote({ title, facts = [], actions, id }: FailureNoteProps) {
  const t = useTranslations('common');
  return (
    <div className={styles.note} role="alert">
      <IconAlertOctagonFilled className={styles.noteIcon} size={20} aria-hidden />
      <div>
        <p className={styles.noteTitle}>{title}</p>
        {facts.map((fact) => (
          <p key={fact}>{fact}</p>
        ))}
        {actions ? <div className={styles.actions}>{actions}</div> : null}
        {id ? (
          <p className={styles.noteId}>
            {t('id')} <span className="mono">{id}</span>
          </p>
        ) : null}
      </div>
    </div>
  );
}
