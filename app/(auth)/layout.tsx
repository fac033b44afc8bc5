import { getTranslations } from 'next-intl/server';
import type { ReactNode } from 'react';
import styles from '../_features/auth/auth.module.css';
import { LanguageLinks } from '../_features/auth/LanguageLinks.tsx';

export default async function AuthLayout({ children }: { children: ReactNode }) {
  const t = await getTranslations('common');
  return (
    <div className={styles.page}>
      <header className={styles.top}>
        <span className={styles.product}>{t('product')}</span>
        <LanguageLinks />
      </header>
      <main className={styles.main}>{children}</main>
    </div>
  );
}
