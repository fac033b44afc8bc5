'use client';

import { useTranslations } from 'next-intl';
import type { EffectiveState, ReasonCode, ServerAction, ServerView } from '../../../server/servers/schema.ts';
import { paths } from '../../_lib/paths.ts';
import { ActionButton } from '../../_ui/ActionButton.tsx';
import { PowerMenu } from './PowerMenu.tsx';
import styles from './server.module.css';
import type { ServerActions } from './useServerActions.ts';
import { useServerWords } from './useServerWords.ts';

/** Nothing that a console could show is there. */
const noConsole: Partial<Record<EffectiveState, ReasonCode>> = {
  deleted: 'deleted',
  deleting: 'being-deleted',
  'create-failed': 'create-failed',
};

/**
 * The screen, start, shut down, restart and ⋯ never change place or label, so that a second click cannot hit the opposite
 * action. What is not possible stays focusable and says why.
 */
export function PowerSlots({
  server,
  actions,
  open,
  onCopyId,
}: {
  server: ServerView;
  actions: ServerActions;
  open: (verb: string) => void;
  onCopyId: () => void;
}) {
  const t = useTranslations('servers');
  const consoles = useTranslations('console.open');
  const words = useServerWords();
  const reason = (action: ServerAction) => words.reason(action, server.can[action]);
  const none = noConsole[server.state];

  return (
    <fieldset className={styles.slots}>
      <legend className="visually-hidden">{t('action.label')}</legend>
      <ActionButton
        tone="primary"
        href={paths.screen(server.id)}
        reason={none && words.reason('start', { ok: false, reason: none })}
      >
        {consoles('screen')}
      </ActionButton>
      <ActionButton onClick={actions.start.run} busy={actions.start.busy} reason={reason('start')}>
        {t('action.start')}
      </ActionButton>
      <ActionButton onClick={() => open('stop')} busy={actions.stop.busy} reason={reason('stop')}>
        {t('action.stop')}
      </ActionButton>
      <ActionButton onClick={() => open('restart')} busy={actions.restart.busy} reason={reason('restart')}>
        {t('action.restart')}
      </ActionButton>
      <PowerMenu server={server} hasConsole={none === undefined} open={open} onCopyId={onCopyId} />
    </fieldset>
  );
}
