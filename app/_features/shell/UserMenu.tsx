'use client';

import { Menu } from '@mantine/core';
import { IconCheck, IconChevronDown, IconLogout, IconUserCircle } from '@tabler/icons-react';
import { useLocale, useTranslations } from 'next-intl';
import { signOut } from '../../_lib/auth-client.ts';
import type { Theme } from '../../_lib/i18n/cookies.ts';
import { paths } from '../../_lib/paths.ts';
import { usePreferences } from '../account/usePreferences.ts';
import styles from './Shell.module.css';

const themes: Theme[] = ['system', 'light', 'dark'];
const icon = { size: 16, stroke: 2, 'aria-hidden': true } as const;

export function UserMenu({ name, email, theme }: { name: string; email: string; theme: Theme }) {
  const t = useTranslations('common.menu');
  const locale = useLocale();
  const { setLocale, setTheme } = usePreferences();
  const item = (key: string, words: string, lang: string | undefined, chosen: boolean, choose: () => void) => (
    <Menu.Item
      key={key}
      role="menuitemradio"
      aria-checked={chosen}
      lang={lang}
      leftSection={chosen ? <IconCheck {...icon} /> : <span style={{ width: 16 }} />}
      onClick={choose}
      className={styles.menuItem}
    >
      {words}
    </Menu.Item>
  );
  return (
    <Menu position="bottom-end" transitionProps={{ duration: 0 }} classNames={{ dropdown: styles.menu ?? '' }}>
      <Menu.Target>
        <button type="button" className={styles.user} aria-label={t('user', { name })}>
          <IconUserCircle size={20} stroke={1.75} aria-hidden />
          <span className={styles.userName}>{name}</span>
          <IconChevronDown {...icon} />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <div className={styles.menuMail}>{email}</div>
        <div className={styles.menuLabel} id="menu-language">
          {t('language')}
        </div>
        {(['ja', 'en'] as const).map((language) =>
          item(language, t(language), language, language === locale, () => setLocale(language)),
        )}
        <div className={styles.menuLabel}>{t('theme')}</div>
        {themes.map((choice) => item(choice, t(choice), undefined, choice === theme, () => setTheme(choice)))}
        <hr className={styles.menuLine} />
        <Menu.Item
          className={styles.menuItem}
          leftSection={<IconLogout {...icon} />}
          onClick={async () => {
            await signOut();
            // A whole load: nothing that was read under this session stays in memory.
            window.location.assign(paths.login);
          }}
        >
          {t('signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
