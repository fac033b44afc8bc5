'use client';

import { useTranslations } from 'next-intl';
import { ActionButton } from '../../_ui/ActionButton.tsx';
import { DataList } from '../../_ui/DataList.tsx';
import { Section } from '../../_ui/Section.tsx';
import { protectionId, useProtectionFocus } from './protection.ts';
import styles from './server.module.css';
import { useServerOnPage } from './serverContext.ts';
import { useServerWords } from './useServerWords.ts';

/** What can be changed and taken back at any time: the name, and the protection against a deletion by mistake. */
export function ServerSettings() {
  const { server, actions, dialog } = useServerOnPage();
  const t = useTranslations('servers.settings');
  const all = useTranslations('servers');
  const words = useServerWords();
  const on = server.deleteProtection;
  useProtectionFocus(dialog.verb);
  // A link may still lead here.
  if (server.state === 'deleted') return <p className={styles.quiet}>{all('reason.deleted')}</p>;
  // Of a server that was never made nothing could be lost: its protection refuses nothing.
  const help = on && server.state !== 'create-failed' ? t('onHelp') : on ? undefined : t('offHelp');
  return (
    <Section title={t('title')}>
      <p className={styles.lead}>{t('lead')}</p>
      <DataList
        items={[
          {
            label: t('name'),
            value: (
              <div className={styles.setting}>
                <span>{server.name}</span>
                <ActionButton reason={words.reason('rename', server.can.rename)} onClick={() => dialog.open('rename')}>
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
