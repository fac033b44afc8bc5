'use client';

import { useTranslations } from 'next-intl';
import type { ServerView } from '../../../server/servers/schema.ts';
import { ActionButton } from '../../_ui/ActionButton.tsx';
import { DataList } from '../../_ui/DataList.tsx';
import { Section } from '../../_ui/Section.tsx';
import styles from './server.module.css';
import type { ServerActions } from './useServerActions.ts';
import { useServerWords } from './useServerWords.ts';

const protectionId = 'delete-protection';

/** Brings the switch of the delete protection into sight, with the focus on it. */
export function goToProtection(): void {
  const row = document.getElementById(protectionId);
  row?.scrollIntoView({ block: 'center' });
  row?.querySelector('button')?.focus({ preventScroll: true });
}

/** What can be changed and taken back at any time: the name, and the protection against a deletion by mistake. */
export function ServerSettings({
  server,
  actions,
  open,
}: {
  server: ServerView;
  actions: ServerActions;
  open: (verb: string) => void;
}) {
  const t = useTranslations('servers.settings');
  const words = useServerWords();
  const on = server.deleteProtection;
  // Of a server that was never made nothing could be lost: its protection refuses nothing.
  const help = on && server.state !== 'create-failed' ? t('onHelp') : on ? undefined : t('offHelp');
  return (
    <Section title={t('title')}>
      <DataList
        items={[
          {
            label: t('name'),
            value: (
              <div className={styles.setting}>
                <span>{server.name}</span>
                <ActionButton reason={words.reason('rename', server.can.rename)} onClick={() => open('rename')}>
                  {t('rename')}
                </ActionButton>
              </div>
            ),
          },
          {
            label: t('protection'),
            value: (
              <div id={protectionId} className={styles.setting}>
                <span>
                  <strong>{on ? t('on') : t('off')}</strong>
                  {help === undefined ? null : <span className={styles.settingHelp}>{help}</span>}
                </span>
                <ActionButton
                  busy={actions.protect.busy}
                  reason={words.reason('protect', server.can.protect)}
                  onClick={() => actions.protect.run(!on)}
                >
                  {on ? t('turnOff') : t('turnOn')}
                </ActionButton>
              </div>
            ),
          },
        ]}
      />
    </Section>
  );
}
