'use client';

import { useLocale } from 'next-intl';
import { useEffect, useState } from 'react';
import { pageNow, serverTimeAt } from '../_lib/clock/server-clock.ts';
import { clock, dateTime, type Locale, longDate, relative, shortDate } from '../_lib/format/time.ts';

interface TimeTextProps {
  /** An instant in UTC or, for `date` and `long`, a civil date. */
  iso: string;
  /** list `2026/11/24 20:39` · clock `20:39` · date `2026/11/24` · long `2026年11月24日（火）` · relative `3分前` */
  mode?: 'list' | 'clock' | 'date' | 'long' | 'relative';
}

export function TimeText({ iso, mode = 'list' }: TimeTextProps) {
  const locale = useLocale() as Locale;
  const exact = dateTime(iso, locale);
  const now = useNow(mode === 'relative' ? 20_000 : null);
  const text = {
    list: () => exact,
    clock: () => clock(iso),
    date: () => shortDate(iso, locale),
    long: () => longDate(iso, locale),
    relative: () => (now === null ? exact : (relative(iso, now, locale) ?? exact)),
  }[mode]();
  return (
    <time dateTime={iso} title={text === exact ? undefined : exact}>
      {text}
    </time>
  );
}

/** The server's clock, again every `everyMs`; null on the server and until the page is alive, so that both draw the same. */
export function useNow(everyMs: number | null): number | null {
  const [now, setNow] = useState<number | null>(null);
  useEffect(() => {
    if (everyMs === null) return;
    const look = () => setNow(serverTimeAt(pageNow()));
    look();
    const timer = setInterval(look, everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
