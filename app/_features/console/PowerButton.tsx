'use client';

import { IconPower } from '@tabler/icons-react';
import { useTranslations } from 'next-intl';
import type { ComponentProps } from 'react';
import type { ServerView } from '../../../server/servers/schema.ts';
import type { ServerActions } from '../servers/useServerActions.ts';
import { ToolButton } from './ToolButton.tsx';

export interface PowerProps {
  server: ServerView;
  open: (verb: string) => void;
  actions: ServerActions;
}

export function PowerButton(props: ComponentProps<'button'>) {
  const t = useTranslations('console.act');
  return (
    <ToolButton {...props} icon={<IconPower size={18} aria-hidden />}>
      {t('power')}
    </ToolButton>
  );
}
