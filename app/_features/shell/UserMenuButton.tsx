'use client';

import { IconChevronDown, IconUserCircle } from '@tabler/icons-react';
import { useTranslations } from 'next-intl';
import type { ComponentProps } from 'react';
import type { Theme } from '../../_lib/i18n/cookies.ts';
import styles from './Shell.module.css';

export interface UserMenuProps {
  name: string;
  email: string;
  theme: Theme;
}

export function UserMenuButton({ name, ...props }: { name: string } & Omit<ComponentProps<'button'>, 'name'>) {
  const t = useTranslations('common.menu');
  return (
    <button type="button" {...props} className={styles.user} aria-label={t('user', { name })}>
      <IconUserCircle size={20} stroke={1.75} aria-hidden />
      <span className={styles.userName}>{name}</span>
      <IconChevronDown size={16} stroke={2} aria-hidden />
    </button>
  );
}
