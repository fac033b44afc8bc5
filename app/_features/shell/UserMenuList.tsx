'use client';

import { Menu } from '@mantine/core';
import { IconCheck, IconKeyboard, IconLogout } from '@tabler/icons-react';
import { useLocale, useTranslations } from 'next-intl';
import { useEffect, useRef, useState } from 'react';
import { signOut } from '../../_lib/auth-client.ts';
import type { Theme } from '../../_lib/i18n/cookies.ts';
import { paths } from '../../_lib/paths.ts';
import { useDialog } from '../../_ui/useDialog.ts';
import { usePreferences } from '../account/usePreferences.ts';
import styles from './Shell.module.css';
import { shortcutsVerb } from './shortcutsVerb.ts';
import { UserMenuButton, type UserMenuProps } from './UserMenuButton.tsx';

const themes: Theme[] = ['system', 'light', 'dark'];
const icon = { size: 16, stroke: 2, 'aria-hidden': true } as const;

/** The menu itself, loaded when somebody reaches for it; it opens at once. */
export function UserMenuList({ name, email, theme }: UserMenuProps) {
  const t = useTranslations('common.menu');
  const locale = useLocale();
  const dialog = useDialog();
  const { setLocale, setTheme } = usePreferences();
  const [opened, setOpened] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    // The button that was pressed made way for this one: take its focus, so that Esc gives it back.
    button.current?.focus();
    setOpened(true);
  }, []);
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
    <Menu
      opened={opened}
      onChange={setOpened}
      position="bottom-end"
      transitionProps={{ duration: 0 }}
      classNames={{ dropdown: styles.menu ?? '' }}
    >
      <Menu.Target>
        <UserMenuButton name={name} ref={button} />
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
          leftSection={<IconKeyboard {...icon} />}
          onClick={() => dialog.open(shortcutsVerb)}
        >
          {t('shortcuts')}
        </Menu.Item>
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
