import type { Metadata } from 'next';
import Link from 'next/link';
import { getTranslations } from 'next-intl/server';
import { PASSWORD_MAX, PASSWORD_MIN } from '../../../server/auth/passwords.ts';
import styles from '../../_features/auth/auth.module.css';
import { SignupForm } from '../../_features/auth/SignupForm.tsx';
import { paths } from '../../_lib/paths.ts';
import { PageHeader } from '../../_ui/PageHeader.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('auth'))('signup.title') };
}

export default async function SignupPage() {
  const t = await getTranslations('auth.signup');
  return (
    <>
      <PageHeader title={t('title')} />
      <p className={styles.lead}>{t('lead')}</p>
      <SignupForm passwordMin={PASSWORD_MIN} passwordMax={PASSWORD_MAX} />
      <p className={styles.other}>
        {t('haveAccount')} <Link href={paths.login}>{t('loginLink')}</Link>
      </p>
    </>
  );
}
