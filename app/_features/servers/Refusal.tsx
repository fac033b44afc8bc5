'use client';

import { useTranslations } from 'next-intl';
import { useErrorWords } from '../../_lib/errors.ts';
import { ActionButton } from '../../_ui/ActionButton.tsx';
import { FailureNote } from '../../_ui/FailureNote.tsx';
import type { ServerActions } from './useServerActions.ts';
import { useServerWords } from './useServerWords.ts';

/** A request that the server did not take. It stays until it is closed or the next request. */
export function Refusal({ actions }: { actions: ServerActions }) {
  const t = useTranslations('servers');
  const common = useTranslations('common');
  const errors = useErrorWords();
  const words = useServerWords();
  if (actions.refusal === null) return null;
  const { action, error } = actions.refusal;
  return (
    <FailureNote
      title={t('dialog.failed', { action: t(`action.${action}`) })}
      facts={[words.refusal(action, error)]}
      actions={<ActionButton onClick={actions.forgetRefusal}>{common('close')}</ActionButton>}
      id={errors.id(error)}
    />
  );
}
