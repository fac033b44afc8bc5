'use client';

import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { ServerView } from '../../../server/servers/schema.ts';
import { ActionButton } from '../../_ui/ActionButton.tsx';
import { CopyText } from '../../_ui/CopyText.tsx';
import { DataList } from '../../_ui/DataList.tsx';
import { Section } from '../../_ui/Section.tsx';
import { forget, handedOver } from '../order/handover.ts';
import { sshCommand } from './AddressLine.tsx';
import styles from './server.module.css';

/**
 * After the order: the exact command and, once, the generated password. Shown while the server is being made
 * and, with a password in this tab's memory, until the person says that it is written down.
 */
export function LoginCard({ server }: { server: ServerView }) {
  const t = useTranslations('servers.login');
  const [password, setPassword] = useState(() => handedOver(server.id));
  const command = sshCommand(server);
  const creating = server.state === 'creating';
  if ((!creating && password === null) || command === null) return null;
  const items = [{ label: t('command'), value: <CopyText value={command} label={t('command')} mono /> }];
  if (password !== null) {
    items.push({ label: t('password'), value: <CopyText value={password} label={t('password')} mono /> });
  }
  return (
    <Section title={t('title')}>
      <div className={styles.login}>
        <p>{creating ? t('wait') : t('ready')}</p>
        <DataList items={items} />
        {password === null ? null : (
          <>
            <p className={styles.once}>{t('once')}</p>
            <p>{t('lost')}</p>
            <div>
              <ActionButton
                onClick={() => {
                  forget(server.id);
                  setPassword(null);
                }}
              >
                {t('saved')}
              </ActionButton>
            </div>
          </>
        )}
      </div>
    </Section>
  );
}
