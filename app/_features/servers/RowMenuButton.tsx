'use client';

import { IconDots } from '@tabler/icons-react';
import { useTranslations } from 'next-intl';
import type { ComponentProps } from 'react';
import type { ServerView } from '../../../server/servers/schema.ts';
import styles from './list.module.css';
import type { RowRefused } from './RowRefusal.tsx';

export interface RowMenuProps {
  server: ServerView;
  onRefused: (refused: RowRefused) => void;
}

export function RowMenuButton({ name, ...props }: { name: string } & Omit<ComponentProps<'button'>, 'name'>) {
  const t = useTranslations('servers.list');
  const words = t('menuOf', { name });
  return (
    <button type="button" {...props} className={styles.more} aria-label={words} title={words}>
      <IconDots size={20} stroke={1.75} aria-hidden />
    </button>
  );
}
