'use client';

import { IconDots } from '@tabler/icons-react';
import { useTranslations } from 'next-intl';
import type { ComponentProps } from 'react';
import type { ServerView } from '../../../server/servers/schema.ts';
import styles from './server.module.css';

export interface PowerMenuProps {
  server: ServerView;
  /** Whether there is anything that a console could show. */
  hasConsole: boolean;
  open: (verb: string) => void;
  onCopyId: () => void;
}

export function PowerMenuButton(props: ComponentProps<'button'>) {
  const t = useTranslations('servers.action');
  return (
    <button type="button" {...props} className={styles.more} aria-label={t('more')} title={t('more')}>
      <IconDots size={20} stroke={1.75} aria-hidden />
    </button>
  );
}
