'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { paths } from '../../_lib/paths.ts';
import styles from './account.module.css';

export function AccountTabs({ keys }: { keys: boolean }) {
  const t = useTranslations();
  const path = usePathname();
  const tabs = [
    { href: paths.profile, words: t('account.profile.title') },
    ...(keys ? [{ href: paths.sshKeys, words: t('account.sshKeys.title') }] : []),
  ];
  return (
    <nav className={styles.tabs} aria-label={t('account.tabs')}>
      <ul>
        {tabs.map(({ href, words }) => (
          <li key={href}>
            <Link href={href} aria-current={path === href ? 'page' : undefined}>
              {words}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
