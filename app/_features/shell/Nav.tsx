'use client';

import { IconListDetails, IconServer, IconServerCog, IconUser } from '@tabler/icons-react';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { paths } from '../../_lib/paths.ts';
import styles from './Shell.module.css';

const icon = { size: 20, stroke: 1.75, 'aria-hidden': true } as const;

/** Only what exists for this person: staff may have no account of their own. */
export function Nav({ account, staff }: { account: boolean; staff: boolean }) {
  const t = useTranslations('common.nav');
  const path = usePathname();
  const link = (href: string, prefixes: string[], mark: React.ReactNode, words: string) => (
    <li>
      <Link
        className={styles.link}
        href={href}
        aria-current={path === href ? 'page' : prefixes.some((prefix) => path.startsWith(prefix)) ? 'true' : undefined}
      >
        {mark}
        <span>{words}</span>
      </Link>
    </li>
  );
  return (
    <nav className={styles.nav} aria-label={t('main')}>
      <div>
        <ul>
          {account ? link(paths.servers, ['/servers', '/operations'], <IconServer {...icon} />, t('servers')) : null}
          {link(paths.profile, ['/account'], <IconUser {...icon} />, t('account'))}
        </ul>
        {staff ? (
          <>
            <p className={styles.group} id="nav-staff">
              {t('staff')}
            </p>
            <ul aria-labelledby="nav-staff">
              {link(paths.staffHosts, [paths.staffHosts], <IconServerCog {...icon} />, t('staffHosts'))}
              {link(
                paths.staffOperations,
                [paths.staffOperations],
                <IconListDetails {...icon} />,
                t('staffOperations'),
              )}
            </ul>
          </>
        ) : null}
      </div>
    </nav>
  );
}
