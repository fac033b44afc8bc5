'use client';

import { IconUsers } from '@tabler/icons-react';
import { useLocale, useTranslations } from 'next-intl';
import { lazy, Suspense } from 'react';
import type { ServerView } from '../../../server/servers/schema.ts';
import { Popover } from './Popover.tsx';
import { type Console, useWho } from './useConsole.ts';

const Watchers = lazy(() => import('./Watchers.tsx').then((module) => ({ default: module.Watchers })));

/** Who is connected to this server, oneself too; pressed, each of their consoles, and the end of it. */
export function Watching({ server, console, userId }: { server: ServerView; console: Console; userId: string }) {
  const t = useTranslations('console');
  const locale = useLocale();
  const who = useWho(server.id, console.state);
  if (console.state.phase !== 'connected' || who === undefined || who.here.length === 0) return null;
  // A person may be here several times, and is one name; staff are the company, and are counted.
  const persons = new Map(who.here.map((one) => [one.userId, one]));
  const names = [...persons.values()].flatMap((one) =>
    one.userId === userId ? [t('you')] : one.userName === null ? [] : [t('person', { name: one.userName })],
  );
  const staff = persons.size - names.length;
  if (staff > 0) names.push(t('support', { count: staff }));
  return (
    <Popover
      up
      icon={<IconUsers size={16} aria-hidden />}
      label={t('watching', { names: names.join(locale === 'ja' ? '、' : ', ') })}
    >
      <Suspense fallback={null}>
        <Watchers consoles={who.here} console={console} userId={userId} />
      </Suspense>
    </Popover>
  );
}
