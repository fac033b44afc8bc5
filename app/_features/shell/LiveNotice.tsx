'use client';

import { IconAlertTriangleFilled } from '@tabler/icons-react';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { serverTimeAt } from '../../_lib/clock/server-clock.ts';
import { clock } from '../../_lib/format/time.ts';
import { useLive } from '../../_lib/live/Live.tsx';
import { loginFrom } from '../../_lib/paths.ts';
import { useNow } from '../../_ui/TimeText.tsx';
import styles from './Shell.module.css';

/** Silence that is still normal: a reconnection passes within it. */
const calmMs = 15_000;

/** Says since when the page may be out of date. Calm while all is well. */
export function LiveNotice() {
  const t = useTranslations('common.live');
  const { stream, lastContactMs } = useLive();
  const path = usePathname();
  const now = useNow(stream === 'connecting' ? 1000 : null);
  if (stream === 'signed-out') {
    return (
      <p className={styles.live} role="status">
        <IconAlertTriangleFilled size={16} aria-hidden />
        <span>
          {t('signedOut')} <Link href={loginFrom(path)}>{t('signIn')}</Link>
        </span>
      </p>
    );
  }
  const contact = lastContactMs === null ? null : serverTimeAt(lastContactMs);
  if (stream === 'open' || now === null || contact === null || now - contact < calmMs) return null;
  return (
    <p className={styles.live} role="status">
      <IconAlertTriangleFilled size={16} aria-hidden />
      <span>{t('stale', { time: clock(new Date(contact).toISOString(), { seconds: true }) })}</span>
    </p>
  );
}
