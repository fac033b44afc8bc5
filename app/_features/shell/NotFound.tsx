import type { Metadata } from 'next';
import { useTranslations } from 'next-intl';
import { getTranslations } from 'next-intl/server';
import { paths } from '../../_lib/paths.ts';
import { ActionButton } from '../../_ui/ActionButton.tsx';
import { PageHeader } from '../../_ui/PageHeader.tsx';
import styles from './NotFound.module.css';

export async function notFoundTitle(): Promise<Metadata> {
  return { title: (await getTranslations('common.notFound'))('title') };
}

/** Absent and somebody else's look the same. */
export function NotFound() {
  const t = useTranslations('common.notFound');
  return (
    <>
      <PageHeader title={t('title')} />
      <p className={styles.body}>{t('body')}</p>
      <ActionButton href={paths.home}>{t('home')}</ActionButton>
    </>
  );
}
