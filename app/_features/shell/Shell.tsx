import Link from 'next/link';
import { useTranslations } from 'next-intl';
import type { ReactNode } from 'react';
import type { Me } from '../../../server/accounts/schema.ts';
import { LiveProvider } from '../../_lib/live/Live.tsx';
import { paths } from '../../_lib/paths.ts';
import { Search } from '../search/Search.tsx';
import { LiveNotice } from './LiveNotice.tsx';
import { Nav } from './Nav.tsx';
import { Navigating } from './Navigating.tsx';
import styles from './Shell.module.css';
import { Shortcuts } from './Shortcuts.tsx';
import { UserMenu } from './UserMenu.tsx';

/** The frame of every signed-in page: skip link, top bar, menu (left; at the bottom on a phone), content. */
export function Shell({ me, children }: { me: Me; children: ReactNode }) {
  const t = useTranslations('common');
  return (
    <LiveProvider userId={me.user.id}>
      <a className={styles.skip} href="#content">
        {t('skip')}
      </a>
      <div className={styles.shell}>
        <header className={styles.top}>
          <Link className={styles.product} href={paths.home}>
            {t('product')}
          </Link>
          <LiveNotice />
          <Search account={me.account !== null} staff={me.staffRole !== null} />
          <UserMenu name={me.user.name} email={me.user.email} theme={me.user.theme} />
        </header>
        <Shortcuts />
        <Nav account={me.account !== null} staff={me.staffRole !== null} />
        <main id="content" className={styles.main} tabIndex={-1}>
          <Navigating>{children}</Navigating>
        </main>
      </div>
    </LiveProvider>
  );
}
