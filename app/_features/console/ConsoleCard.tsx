'use client';

import { usePathname } from 'next/navigation';
import { useLocale, useTranslations } from 'next-intl';
import type { ReactNode } from 'react';
import { CONSOLES_PER_ACCOUNT } from '../../../console-proxy/contract/socket.ts';
import type { ServerView } from '../../../server/servers/schema.ts';
import { serverTimeAt } from '../../_lib/clock/server-clock.ts';
import { clock } from '../../_lib/format/time.ts';
import { loginFrom, paths } from '../../_lib/paths.ts';
import { ActionButton } from '../../_ui/ActionButton.tsx';
import { Refusal } from '../servers/Refusal.tsx';
import type { ServerActions } from '../servers/useServerActions.ts';
import { useServerWords } from '../servers/useServerWords.ts';
import styles from './console.module.css';
import type { Act } from './sentence.ts';
import { type Console, useWho } from './useConsole.ts';

/** The sentence about the connection, and what can be done: over the picture, or as a line while the picture lives. */
export function ConsoleCard({
  server,
  console,
  kind,
  actions,
  choices,
}: {
  server: ServerView;
  console: Console;
  kind: 'vnc' | 'serial';
  actions: ServerActions;
  choices?: ReactNode;
}) {
  const t = useTranslations('console');
  const sentence = useSentence(server, console, kind);
  const { state, said } = console;
  const quiet = said.key === 'connected';
  return (
    <div className={styles.card} data-covers={said.covers || undefined} data-quiet={quiet || undefined}>
      <div role="status">
        <p>{sentence}</p>
        {state.phase === 'ended' && state.reason !== '' ? (
          <p className="mono">{t('errorId', { id: state.reason })}</p>
        ) : null}
        {state.dropped ? <p className={styles.quiet}>{t('dropped')}</p> : null}
      </div>
      {state.phase === 'idle' ? choices : null}
      {said.acts.length === 0 ? null : (
        <div className={styles.acts}>
          {said.acts.map((act) => (
            <ActOn key={act} act={act} server={server} console={console} actions={actions} />
          ))}
        </div>
      )}
      <Refusal actions={actions} />
    </div>
  );
}

function ActOn({
  act,
  server,
  console,
  actions,
}: {
  act: Act;
  server: ServerView;
  console: Console;
  actions: ServerActions;
}) {
  const t = useTranslations('console.act');
  const words = useServerWords();
  const path = usePathname();
  switch (act) {
    case 'connect':
    case 'reconnect':
      return (
        <ActionButton tone="primary" onClick={console.connect}>
          {t(act)}
        </ActionButton>
      );
    case 'start':
      return (
        <ActionButton
          tone="primary"
          onClick={actions.start.run}
          busy={actions.start.busy}
          reason={words.reason('start', server.can.start)}
        >
          {t('start')}
        </ActionButton>
      );
    case 'signIn':
      return <ActionButton href={loginFrom(path)}>{t('signIn')}</ActionButton>;
    case 'back':
      return <ActionButton href={paths.servers}>{t('back')}</ActionButton>;
  }
}

function useSentence(server: ServerView, { state, said }: Console, kind: 'vnc' | 'serial'): string {
  const t = useTranslations('console.said');
  const locale = useLocale();
  const who = useWho(server.id, state);
  switch (said.key) {
    case 'idle':
      return t(`idle.${kind}`);
    case 'reconnecting':
    case 'retrying':
      return t(said.key, { attempt: state.attempt });
    case 'tooMany': {
      const names = who?.servers.join(locale === 'ja' ? '、' : ', ') ?? '…';
      return t('tooMany', { max: CONSOLES_PER_ACCOUNT, servers: names });
    }
    case 'idleLimit':
      return t('idleLimit', { minutes: Math.max(1, Math.round(state.idleLimitMs / 60_000)) });
    case 'endedByPerson':
      return t('endedByPerson', { name: state.ending?.name ?? '', time: timeOfEnd(state) });
    case 'endedByStaff':
      return t('endedByStaff', { reason: state.ending?.reason ?? '', time: timeOfEnd(state) });
    case 'endedBySomebody':
      return t('endedBySomebody', { time: timeOfEnd(state) });
    default:
      return t(said.key);
  }
}

/** As the database has it; where that did not come through, as this page saw it. */
function timeOfEnd({ ending, endedAtMs }: Console['state']): string {
  if (ending !== null) return clock(ending.at);
  const at = endedAtMs === null ? null : serverTimeAt(endedAtMs);
  return at === null ? '…' : clock(new Date(at).toISOString());
}
