'use client';

import { useLocale, useTranslations } from 'next-intl';
import type { ServerView } from '../../../../server/servers/schema.ts';
import { dateTime, type Locale, relative } from '../../../_lib/format/time.ts';
import { paths } from '../../../_lib/paths.ts';
import { useNow } from '../../../_ui/TimeText.tsx';
import styles from '../console.module.css';

/** What the screen showed when its console was last open, dimmed, with its age: from the panel's own store. */
export function LastPicture({ server: { id, screen } }: { server: Pick<ServerView, 'id' | 'screen'> }) {
  const t = useTranslations('console');
  const locale = useLocale() as Locale;
  const now = useNow(20_000);
  if (screen === null) return null;
  const age = (now === null ? null : relative(screen.takenAt, now, locale)) ?? dateTime(screen.takenAt, locale);
  return (
    <figure className={styles.last}>
      {/* biome-ignore lint/performance/noImgElement: a picture behind a session, of no use to an optimiser */}
      <img src={`${paths.screenPicture(id)}?at=${encodeURIComponent(screen.takenAt)}`} alt="" />
      <figcaption>{t('lastPicture', { age })}</figcaption>
    </figure>
  );
}
