'use client';

import { useTranslations } from 'next-intl';
import { StateBadge } from '../../_ui/StateBadge.tsx';
import type { Said } from './sentence.ts';

const tones = { on: 'ok', busy: 'busy', off: 'neutral' } as const;

/** Connected, on the way, or not. */
export function Mark({ said, viewOnly }: { said: Said; viewOnly: boolean }) {
  const t = useTranslations('console.mark');
  return (
    <StateBadge tone={tones[said.mark]}>{said.mark === 'on' && viewOnly ? t('viewOnly') : t(said.mark)}</StateBadge>
  );
}
