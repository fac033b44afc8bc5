import type { Metadata } from 'next';
import Link from 'next/link';
import { getTranslations } from 'next-intl/server';
import styles from '../../_features/auth/auth.module.css';
import { LoginForm } from '../../_features/auth/LoginForm.tsx';
import { paths } from '../../_lib/paths.ts';
import { PageHeader } from '../../_ui/PageHeader.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('auth'))('login.title') };
}

export default async function LoginPage({ searchParams }: { searchParams: Promise<{ next?: string | string[] }> }) {
  const t = await getTranslations('auth.login');
  const { next } = await searchParams;
  return (
    <>
      <PageHeader title={t('title')} />
      <LoginForm next={typeof next === 'string' ? next : undefined} />
      <p className={styles.other}>
        {t('noAccount')} <Link href={paths.signup}>{t('signupLink')}</Link>
      </p>
    </>
  );
}
