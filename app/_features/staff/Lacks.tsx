'use client';

import { useTranslations } from 'next-intl';
import styles from './staff.module.css';

/** Codes of what the host's kernel cannot do, each with what follows from it; an unknown code stands as it is. */
export function Lacks({ lacks }: { lacks: string[] }) {
  const t = useTranslations('staff.hosts');
  if (lacks.length === 0) return <p className={styles.quiet}>{t('lacksNone')}</p>;
  return (
    <ul className={styles.lacks}>
      {lacks.map((code) => {
        const key = `lack.${code}` as 'lack.sfq';
        return <li key={code}>{t.has(key) ? t(key) : <span className="mono">{code}</span>}</li>;
      })}
    </ul>
  );
}
