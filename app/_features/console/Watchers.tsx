'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { OpenConsole } from '../../../server/consoles/schema.ts';
import { useErrorWords } from '../../_lib/errors.ts';
import { useTRPC } from '../../_lib/trpc/client.tsx';
import { ActionButton } from '../../_ui/ActionButton.tsx';
import { TimeText } from '../../_ui/TimeText.tsx';
import styles from './console.module.css';
import { useLink } from './RoundTrip.tsx';
import type { Console } from './useConsole.ts';

/** Each console that is open at this server: whose, since when, what it may, and the end of it. */
export function Watchers({ consoles, console, userId }: { consoles: OpenConsole[]; console: Console; userId: string }) {
  const t = useTranslations('console');
  const errors = useErrorWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const { you } = useLink(console.link);
  const [ended, setEnded] = useState('');
  const end = useMutation(
    trpc.consoles.end.mutationOptions({
      onSettled: () => queryClient.invalidateQueries(trpc.consoles.who.queryFilter()),
    }),
  );
  const nameOf = (one: OpenConsole) =>
    one.userId === userId ? t('you') : one.userName === null ? t('supportName') : t('person', { name: one.userName });
  return (
    <>
      <ul className={styles.watchers} aria-label={t('watchers')}>
        {consoles.map((one) => (
          <li key={one.id}>
            <span>
              <strong>{nameOf(one)}</strong>
              {one.id === you ? ` · ${t('this')}` : null}
              <span className={styles.quiet}>
                {[t(`through.${one.ssh ? 'ssh' : one.kind}`), one.viewOnly ? t('mark.viewOnly') : t('types')].join(
                  ' · ',
                )}
                {' · '}
                {t.rich('since', { time: () => <TimeText iso={one.openedAt} mode="clock" /> })}
              </span>
            </span>
            {one.id === you ? null : (
              <ActionButton
                aria-label={t('endOf', { name: nameOf(one) })}
                busy={end.isPending && end.variables.consoleId === one.id}
                onClick={() =>
                  end.mutate(
                    { serverId: one.serverId, consoleId: one.id },
                    {
                      onSuccess: ({ ended: now }) =>
                        setEnded(now ? t('endedNow', { name: nameOf(one) }) : t('wasOver', { name: nameOf(one) })),
                    },
                  )
                }
              >
                {t('end')}
              </ActionButton>
            )}
          </li>
        ))}
      </ul>
      <p role="status" className={styles.quiet}>
        {end.error === null ? ended : errors.text(end.error)}
      </p>
    </>
  );
}
