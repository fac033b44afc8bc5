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
  const choice = (value: string, words: string, lang?: string) => (
    <Menu.RadioItem
      key={value}
      value={value}
      lang={lang}
      className={styles.menuItem}
      checkIcon={<IconCheck {...icon} />}
    >
      {words}
    </Menu.RadioItem>
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
        <div className={styles.menuLabel}>{t('language')}</div>
        <Menu.RadioGroup value={locale} onChange={(chosen) => setLocale(chosen === 'en' ? 'en' : 'ja')}>
          {(['ja', 'en'] as const).map((language) => choice(language, t(language), language))}
        </Menu.RadioGroup>
        <div className={styles.menuLabel}>{t('theme')}</div>
        <Menu.RadioGroup value={theme} onChange={(chosen) => setTheme(chosen as Theme)}>
          {themes.map((value) => choice(value, t(value)))}
        </Menu.RadioGroup>
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
