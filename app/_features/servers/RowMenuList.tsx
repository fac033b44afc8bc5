'use client';

import { Menu } from '@mantine/core';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { useEffect, useRef, useState } from 'react';
import { paths } from '../../_lib/paths.ts';
import { RowMenuButton, type RowMenuProps } from './RowMenuButton.tsx';
import menus from './server.module.css';
import { useServerActions } from './useServerActions.ts';
import { useServerWords } from './useServerWords.ts';

const asking = ['stop', 'restart', 'force-off', 'rename', 'delete'] as const;

/** Start acts at once; everything else opens its dialog on the server's page, where its outcome is told, too. */
export function RowMenuList({ server, onRefused }: RowMenuProps) {
  const t = useTranslations('servers');
  const consoles = useTranslations('console.open');
  const router = useRouter();
  const words = useServerWords();
  const actions = useServerActions(server, (error) => onRefused({ server, error }));
  const [opened, setOpened] = useState(false);
  const [note, setNote] = useState('');
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    // The button that was pressed made way for this one.
    button.current?.focus();
    setOpened(true);
  }, []);

  async function copyId() {
    try {
      await navigator.clipboard.writeText(server.id);
      setNote(t('action.idCopied'));
    } catch {
      setNote('');
    }
  }

  const startReason = words.reason('start', server.can.start);
  return (
    <>
      <Menu
        opened={opened}
        onChange={setOpened}
        position="bottom-end"
        width={280}
        transitionProps={{ duration: 0 }}
        classNames={{ dropdown: menus.menu ?? '' }}
      >
        <Menu.Target>
          <RowMenuButton name={server.name} ref={button} />
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item className={menus.menuItem ?? ''} component={Link} href={paths.screen(server.id)}>
            {consoles('screen')}
          </Menu.Item>
          <Menu.Item
            className={menus.menuItem ?? ''}
            aria-disabled={startReason !== undefined || undefined}
            closeMenuOnClick={startReason === undefined}
            onClick={() => {
              if (startReason === undefined) actions.start.run();
            }}
          >
            {t('action.start')}
            {startReason === undefined ? null : <span className={menus.menuReason}>{startReason}</span>}
          </Menu.Item>
          {asking.map((action) => {
            const can = server.can[action];
            const why = words.reason(action, can);
            // What the delete protection refuses has a dialog that leads to its switch.
            const opens = why === undefined || (can?.ok === false && can.reason === 'protected');
            return (
              <Menu.Item
                key={action}
                className={menus.menuItem ?? ''}
                data-danger={action === 'force-off' || action === 'delete' || undefined}
                aria-disabled={!opens || undefined}
                closeMenuOnClick={opens}
                onClick={() => {
                  if (opens) router.push(`${paths.server(server.id)}?do=${action}`);
                }}
              >
                {t('action.withDialog', { label: t(`action.${action}`) })}
                {why === undefined ? null : <span className={menus.menuReason}>{why}</span>}
              </Menu.Item>
            );
          })}
          <Menu.Item className={menus.menuItem ?? ''} onClick={copyId}>
            {t('action.copyId')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <span className="visually-hidden" role="status">
        {actions.announcement} {note}
      </span>
    </>
  );
}
