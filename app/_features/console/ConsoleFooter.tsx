'use client';

import { useLocale, useTranslations } from 'next-intl';
import type { ReactNode } from 'react';
import type { ServerView } from '../../../server/servers/schema.ts';
import { ServerState } from '../servers/ServerState.tsx';
import type { ServerActions } from '../servers/useServerActions.ts';
import styles from './console.module.css';
import { Power } from './Power.tsx';
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
