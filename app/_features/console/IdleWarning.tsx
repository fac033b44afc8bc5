'use client';

import { useLocale, useTranslations } from 'next-intl';
import { useEffect, useState } from 'react';
import { pageNow } from '../../_lib/clock/server-clock.ts';
import { duration, type Locale, stopwatch } from '../../_lib/format/time.ts';
import { ActionButton } from '../../_ui/ActionButton.tsx';
import styles from './console.module.css';
import type { Console } from './useConsole.ts';

/** Nobody has done anything for long: when it closes, and two ways to stay. Any key is one, wherever it goes. */
export function IdleWarning({ console }: { console: Console }) {
  const t = useTranslations('console');
  const locale = useLocale() as Locale;
  const { state, link } = console;
  const { idle } = state;
  const shown = state.phase === 'connected' && idle !== null;
  useEffect(() => {
    if (!shown) return;
    const stay = () => link.stay();
    window.addEventListener('keydown', stay, { capture: true });
    return () => window.removeEventListener('keydown', stay, { capture: true });
  }, [shown, link]);
  if (!shown) return null;
  return (
    <div className={styles.idle}>
      {/* Said once: seconds are for the eye. */}
      <p role="alert">{t('idle.warning', { time: duration(Math.round(idle.closesInMs / 1000), locale) })}</p>
      <Left untilMs={idle.closesAtMs} />
      <ActionButton tone="primary" onClick={() => link.stay()}>
        {t('idle.stay')}
      </ActionButton>
    </div>
  );
}

function Left({ untilMs }: { untilMs: number }) {
  const [leftMs, setLeftMs] = useState(untilMs - pageNow());
  useEffect(() => {
    const look = () => setLeftMs(untilMs - pageNow());
    look();
    const timer = setInterval(look, 500);
    return () => clearInterval(timer);
  }, [untilMs]);
  return (
    <span className="num" aria-hidden>
      {stopwatch(Math.ceil(leftMs / 1000))}
    </span>
  );
}
