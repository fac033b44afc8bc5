'use client';

import { IconAlertTriangleFilled } from '@tabler/icons-react';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { clock } from '../../_lib/format/time.ts';
import { useLive } from '../../_lib/live/Live.tsx';
import { useLostContact } from '../../_lib/live/useLostContact.ts';
import { loginFrom } from '../../_lib/paths.ts';
import styles from './Shell.module.css';

/** Silence that is still normal: a reconnection passes within it. */
const calmMs = 15_000;

/** Says since when the page may be out of date. Calm while all is well. */
export function LiveNotice() {
  const t = useTranslations('common.live');
  const { stream } = useLive();
  const lost = useLostContact(calmMs);
  const path = usePathname();
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
  if (lost === null) return null;
  return (
    <p className={styles.live} role="status">
      <IconAlertTriangleFilled size={16} aria-hidden />
      <span>{t('stale', { time: clock(lost, { seconds: true }) })}</span>
    </p>
  );
}
