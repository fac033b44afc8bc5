'use client';

import { useTranslations } from 'next-intl';
import type { ServerView } from '../../../server/servers/schema.ts';
import { useErrorWords } from '../../_lib/errors.ts';
import { ActionButton } from '../../_ui/ActionButton.tsx';
import { FailureNote } from '../../_ui/FailureNote.tsx';
import { useServerWords } from './useServerWords.ts';

export interface RowRefused {
  server: ServerView;
  error: unknown;
}

/** A start out of a row's menu that was not taken: above the list, until it is closed. */
export function RowRefusal({ refused, onClose }: { refused: RowRefused | null; onClose: () => void }) {
  const t = useTranslations('servers');
  const common = useTranslations('common');
  const errors = useErrorWords();
  const words = useServerWords();
  if (refused === null) return null;
  const { server, error } = refused;
  return (
    <FailureNote
      title={t('list.startRefused', { name: server.name })}
      facts={[words.refusal('start', error)]}
      actions={<ActionButton onClick={onClose}>{common('close')}</ActionButton>}
      id={errors.id(error)}
    />
  );
}
