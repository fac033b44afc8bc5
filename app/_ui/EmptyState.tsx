import type { ReactNode } from 'react';
import styles from './page.module.css';

/** What stands where a list would be: what the thing is, and the way to the first one. */
export function EmptyState({ title, children, actions }: { title: string; children?: ReactNode; actions?: ReactNode }) {
  return (
    <div className={styles.empty}>
      <h2>{title}</h2>
      {children}
      {actions ? <div className={styles.actions}>{actions}</div> : null}
    </div>
  );
}
