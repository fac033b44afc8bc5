'use client';

import { useTranslations } from 'next-intl';
import type { ReactNode } from 'react';
import type { ServerView } from '../../../server/servers/schema.ts';
import { ServerState } from '../servers/ServerState.tsx';
import type { ServerActions } from '../servers/useServerActions.ts';
import styles from './console.module.css';
import { IdleWarning } from './IdleWarning.tsx';
import { Power } from './Power.tsx';
import { RoundTrip } from './RoundTrip.tsx';
import type { Console } from './useConsole.ts';
import { Watching } from './Watching.tsx';

/** The server's state, how far it is, who else is here, how to leave, and the power. */
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
      <IdleWarning console={console} />
      <ServerState server={server} />
      <RoundTrip console={console} />
      {facts}
      <Watching server={server} console={console} userId={userId} />
      <span id={hintId} className={styles.hint}>
        {t('leaveHint')}
      </span>
      <Power server={server} open={open} actions={actions} />
    </footer>
  );
}
