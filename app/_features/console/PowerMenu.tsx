'use client';

import { Menu } from '@mantine/core';
import { useTranslations } from 'next-intl';
import { useEffect, useRef, useState } from 'react';
import type { ServerAction } from '../../../server/servers/schema.ts';
import { useServerWords } from '../servers/useServerWords.ts';
import styles from './console.module.css';
import { PowerButton, type PowerProps } from './PowerButton.tsx';

/** The menu itself, loaded when somebody reaches for it; it opens at once. */
export function PowerMenu({ server, open, actions }: PowerProps) {
  const t = useTranslations('servers.action');
  const words = useServerWords();
  const [opened, setOpened] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    // The button that was pressed made way for this one: take its focus, so that Esc gives it back.
    button.current?.focus();
    setOpened(true);
  }, []);
  const item = (action: Extract<ServerAction, 'start' | 'stop' | 'restart' | 'force-off'>) => {
    const why = words.reason(action, server.can[action]);
    return (
      <Menu.Item
        className={styles.menuItem ?? ''}
        data-danger={action === 'force-off' || undefined}
        aria-disabled={why !== undefined || undefined}
        closeMenuOnClick={why === undefined}
        onClick={() => {
          if (why !== undefined) return;
          if (action === 'start') actions.start.run();
          else open(action);
        }}
      >
        {action === 'start' ? t(action) : t('withDialog', { label: t(action) })}
        {why === undefined ? null : <span className={styles.menuReason}>{why}</span>}
      </Menu.Item>
    );
  };
  return (
    <Menu
      opened={opened}
      onChange={setOpened}
      position="top-end"
      width={280}
      transitionProps={{ duration: 0 }}
      withinPortal={false}
    >
      <Menu.Target>
        <PowerButton ref={button} />
      </Menu.Target>
      <Menu.Dropdown className={styles.menu ?? ''}>
        {item('start')}
        {item('stop')}
        {item('restart')}
        {item('force-off')}
      </Menu.Dropdown>
    </Menu>
  );
}
