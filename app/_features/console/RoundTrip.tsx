'use client';

import { useTranslations } from 'next-intl';
import { useSyncExternalStore } from 'react';
import styles from './console.module.css';
import type { Link } from './link.ts';
import type { Console } from './useConsole.ts';

export function useLink(link: Link) {
  return useSyncExternalStore(
    link.subscribe,
    () => link.facts,
    () => link.facts,
  );
}

/** How long a word takes to the proxy and back, while there is a connection. Its place is kept before it is known. */
export function RoundTrip({ console }: { console: Console }) {
  const t = useTranslations('console');
  const { roundTripMs } = useLink(console.link);
  if (console.state.phase !== 'connected') return null;
  return (
    <span className={styles.roundTrip}>
      {t('roundTrip', { time: roundTripMs === null ? '–' : t('milliseconds', { ms: roundTripMs }) })}
    </span>
  );
}
