import { Fragment, type ReactNode } from 'react';
import styles from './page.module.css';

/** Names and values of one thing, as a definition list. */
export function DataList({ items }: { items: { key?: string; label: string; value: ReactNode }[] }) {
  return (
    <dl className={styles.list}>
      {items.map(({ key, label, value }) => (
        <Fragment key={key ?? label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </Fragment>
      ))}
    </dl>
  );
}
