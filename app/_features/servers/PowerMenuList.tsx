'use client';

import { Menu } from '@mantine/core';
import Link from 'next/link';
import { useTranslations } from 'next-intl';
import { useEffect, useRef, useState } from 'react';
import { paths } from '../../_lib/paths.ts';
import { PowerMenuButton, type PowerMenuProps } from './PowerMenuButton.tsx';
import styles from './server.module.css';
import { useServerWords } from './useServerWords.ts';

/** The menu itself, loaded when somebody reaches for it; it opens at once. */
export function PowerMenuList({ server, hasConsole, open, onCopyId }: PowerMenuProps) {
  const t = useTranslations('servers.action');
  const consoles = useTranslations('console.open');
  const words = useServerWords();
  const [opened, setOpened] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    // The button that was pressed made way for this one: take its focus, so that Esc gives it back.
    button.current?.focus();
    setOpened(true);
  }, []);

  function item(action: 'force-off' | 'rename' | 'delete', danger: boolean) {
    const can = server.can[action];
    const why = words.reason(action, can);
    // What the delete protection refuses has a dialog that leads to its switch.
    const opens = can.ok || can.reason === 'protected';
    return (
      <Menu.Item
        className={styles.menuItem ?? ''}
        data-danger={danger || undefined}
        aria-disabled={!opens || undefined}
        closeMenuOnClick={opens}
        onClick={() => {
          if (opens) open(action);
        }}
      >
        {t('withDialog', { label: t(action) })}
        {why === undefined ? null : <span className={styles.menuReason}>{why}</span>}
      </Menu.Item>
    );
  }

  return (
    <Menu
      opened={opened}
      onChange={setOpened}
      position="bottom-end"
      width={280}
      transitionProps={{ duration: 0 }}
      classNames={{ dropdown: styles.menu ?? '' }}
    >
      <Menu.Target>
        <PowerMenuButton ref={button} />
      </Menu.Target>
      <Menu.Dropdown>
        {item('force-off', true)}
        {hasConsole ? (
          <Menu.Item className={styles.menuItem ?? ''} component={Link} href={paths.serial(server.id)}>
            {consoles('serial')}
          </Menu.Item>
        ) : null}
        {item('rename', false)}
        <Menu.Item className={styles.menuItem ?? ''} onClick={onCopyId}>
          {t('copyId')}
        </Menu.Item>
        {item('delete', true)}
      </Menu.Dropdown>
    </Menu>
  );
}
