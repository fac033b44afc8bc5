'use client';

import { Menu } from '@mantine/core';
import { IconPower } from '@tabler/icons-react';
import { useLocale, useTranslations } from 'next-intl';
import type { ReactNode } from 'react';
import type { ServerAction, ServerView } from '../../../server/servers/schema.ts';
import { ServerState } from '../servers/ServerState.tsx';
import type { ServerActions } from '../servers/useServerActions.ts';
import { useServerWords } from '../servers/useServerWords.ts';
import styles from './console.module.css';
import { ToolButton } from './ToolButton.tsx';
import { type Console, useWho } from './useConsole.ts';

/** The server's state, who else is here, how to leave, and the power. */
export function ConsoleFooter({
  server,
  console,
  userId,
  facts,
  hintId,
  open,
  actions,
}: {
  server: ServerView;
  console: Console;
  userId: string;
  facts?: ReactNode;
  hintId: string;
  open: (verb: string) => void;
  actions: ServerActions;
}) {
  const t = useTranslations('console');
  return (
    <footer className={styles.foot}>
      <ServerState server={server} />
      {facts}
      <Watching server={server} console={console} userId={userId} />
      <span id={hintId} className={styles.hint}>
        {t('leaveHint')}
      </span>
      <Power server={server} open={open} actions={actions} />
    </footer>
  );
}

function Watching({ server, console, userId }: { server: ServerView; console: Console; userId: string }) {
  const t = useTranslations('console');
  const locale = useLocale();
  const who = useWho(server.id, console.state);
  if (console.said.mark !== 'on' || who === undefined) return null;
  const names = new Map(who.here.map((one) => [one.userId, one.userId === userId ? t('you') : one.userName]));
  if (names.size === 0) return null;
  return <span>{t('watching', { names: [...names.values()].join(locale === 'ja' ? '、' : ', ') })}</span>;
}

function Power({
  server,
  open,
  actions,
}: {
  server: ServerView;
  open: (verb: string) => void;
  actions: ServerActions;
}) {
  const t = useTranslations('servers.action');
  const words = useServerWords();
  const tConsole = useTranslations('console.act');
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
    <Menu position="top-end" width={280} transitionProps={{ duration: 0 }} withinPortal={false}>
      <Menu.Target>
        <ToolButton icon={<IconPower size={18} aria-hidden />}>{tConsole('power')}</ToolButton>
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
