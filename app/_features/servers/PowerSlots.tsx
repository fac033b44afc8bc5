'use client';

import { Menu } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import Link from 'next/link';
import { useTranslations } from 'next-intl';
import type { EffectiveState, ReasonCode, ServerAction, ServerView } from '../../../server/servers/schema.ts';
import { paths } from '../../_lib/paths.ts';
import { ActionButton } from '../../_ui/ActionButton.tsx';
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

  function item(action: 'force-off' | 'rename' | 'delete', danger: boolean) {
    const why = reason(action);
    const can = server.can[action];
    // What the delete protection refuses has a dialog that leads to its switch.
    const opens = can.ok || can.reason === 'protected';
    return (
      <Menu.Item
        className={styles.menuItem ?? ''}
        data-danger={danger || undefined}
        aria-disabled={!opens || undefined}
        closeMenuOnClick={opens}
        onClick={() => {
          if (opens) open(action);
        }}
      >
        {t('action.withDialog', { label: t(`action.${action}`) })}
        {why === undefined ? null : <span className={styles.menuReason}>{why}</span>}
      </Menu.Item>
    );
  }

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
      <Menu position="bottom-end" width={280} transitionProps={{ duration: 0 }}>
        <Menu.Target>
          <button type="button" className={styles.more} aria-label={t('action.more')} title={t('action.more')}>
            <IconDots size={20} stroke={1.75} aria-hidden />
          </button>
        </Menu.Target>
        <Menu.Dropdown className={styles.menu ?? ''}>
          {item('force-off', true)}
          {none === undefined ? (
            <Menu.Item className={styles.menuItem ?? ''} component={Link} href={paths.serial(server.id)}>
              {consoles('serial')}
            </Menu.Item>
          ) : null}
          {item('rename', false)}
          <Menu.Item className={styles.menuItem ?? ''} onClick={onCopyId}>
            {t('action.copyId')}
          </Menu.Item>
          {item('delete', true)}
        </Menu.Dropdown>
      </Menu>
    </fieldset>
  );
}
