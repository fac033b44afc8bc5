'use client';

import { IconDots } from '@tabler/icons-react';
import { useTranslations } from 'next-intl';
import { type ComponentProps, lazy, Suspense, useState } from 'react';
import type { ServerView } from '../../../server/servers/schema.ts';
import styles from './list.module.css';
import type { RowRefused } from './RowRefusal.tsx';

const loadList = () => import('./RowMenuList.tsx').then(({ RowMenuList }) => ({ default: RowMenuList }));
const RowMenuList = lazy(loadList);
/** Ahead of the press. If it fails, the press tries again and says so. */
const prepare = () => void loadList().catch(() => undefined);

export interface RowMenuProps {
  server: ServerView;
  onRefused: (refused: RowRefused) => void;
}

/** A row's one menu; its code comes when somebody reaches for it. */
export function RowMenu(props: RowMenuProps) {
  const [wanted, setWanted] = useState(false);
  const button = (
    <RowMenuButton
      name={props.server.name}
      aria-haspopup="menu"
      aria-expanded={false}
      onPointerEnter={prepare}
      onFocus={prepare}
      onClick={() => setWanted(true)}
    />
  );
  return wanted ? (
    <Suspense fallback={button}>
      <RowMenuList {...props} />
    </Suspense>
  ) : (
    button
  );
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
