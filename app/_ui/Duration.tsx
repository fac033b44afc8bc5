'use client';

import { useLocale } from 'next-intl';
import { duration, type Locale, stopwatch } from '../_lib/format/time.ts';
import { useNow } from './TimeText.tsx';

/**
 * How long something took (`from` and `to`), or has been running (`from` alone: a clock that ticks), or, with
 * `until` alone, how long is left. Ticking is silent for screen readers.
 */
export function Duration({ from, to, until }: { from?: string; to?: string; until?: string }) {
  const locale = useLocale() as Locale;
  const now = useNow(to === undefined ? 1000 : null);
  if (from !== undefined && to !== undefined) {
    return <span className="num">{duration((Date.parse(to) - Date.parse(from)) / 1000, locale)}</span>;
  }
  const ms =
    now === null ? 0 : from !== undefined ? now - Date.parse(from) : until !== undefined ? Date.parse(until) - now : 0;
  return (
    <span className="num" aria-live="off">
      {now === null ? '–:––' : stopwatch(ms / 1000)}
    </span>
  );
}
