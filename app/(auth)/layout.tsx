import { redirect } from 'next/navigation';
import { getTranslations } from 'next-intl/server';
import type { ReactNode } from 'react';
import styles from '../_features/auth/auth.module.css';
import { LanguageLinks } from '../_features/auth/LanguageLinks.tsx';
import { paths } from '../_lib/paths.ts';
import { currentSession } from '../_lib/server/session.ts';

/** For who is not signed in; everybody else is led on. */
export default async function AuthLayout({ children }: { children: ReactNode }) {
  if ((await currentSession()) !== null) redirect(paths.home);
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
