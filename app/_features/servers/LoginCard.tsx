'use client';

import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { ServerView } from '../../../server/servers/schema.ts';
import { paths } from '../../_lib/paths.ts';
import { ActionButton } from '../../_ui/ActionButton.tsx';
import { CopyText } from '../../_ui/CopyText.tsx';
import { DataList } from '../../_ui/DataList.tsx';
import { Section } from '../../_ui/Section.tsx';
import { forget, handedOver } from '../order/handover.ts';
import { sshCommand } from './AddressLine.tsx';
import styles from './server.module.css';
import { useServerWords } from './useServerWords.ts';

/**
 * After the order: the exact command and, once, the generated password. Shown while the server is being made
 * and, with a password in this tab's memory, until the person says that it is written down. A password that
 * nobody can be shown any more is said to be so. Host keys stay, to be compared at the first login from anywhere.
 */
export function LoginCard({ server, open }: { server: ServerView; open: (verb: string) => void }) {
  const t = useTranslations('servers.login');
  const words = useServerWords();
  const [password, setPassword] = useState(() => handedOver(server.id));
  const [saved, setSaved] = useState(false);
  const { delete: can } = server.can;
  // The dialog itself leads out of a protection.
  const cannot = can.ok || can.reason === 'protected' ? undefined : words.reason('delete', can);
  const command = sshCommand(server);
  const creating = server.state === 'creating';
  const isNew = creating || password !== undefined;
  if ((!isNew && server.hostKeys.length === 0) || command === null) return null;
  const isGone = isNew && server.signIn === 'password' && typeof password !== 'string' && !saved;
  const items = [{ label: t('command'), value: <CopyText value={command} label={t('command')} mono /> }];
  if (typeof password === 'string') {
    items.push({ label: t('password'), value: <CopyText value={password} label={t('password')} mono /> });
  }
  for (const { type, sha256 } of server.hostKeys) {
    const label = t('hostKey', { type });
    items.push({ label, value: <CopyText value={`SHA256:${sha256}`} label={label} mono /> });
  }
  return (
    <Section title={t('title')}>
      <div className={styles.login}>
        <p>{creating ? t('wait') : t('ready')}</p>
        <DataList items={items} />
        {typeof password !== 'string' ? null : (
          <>
            <p className={styles.once}>{t('once')}</p>
            <p>{t('lost')}</p>
            <div>
              <ActionButton
                onClick={() => {
                  forget(server.id);
                  setPassword(undefined);
                  setSaved(true);
                }}
              >
                {t('saved')}
              </ActionButton>
            </div>
          </>
        )}
        {isGone ? (
          <>
            <p className={styles.once}>{t('gone')}</p>
            <p>{t('lost')}</p>
            <div className={styles.loginActions}>
              <ActionButton reason={cannot} onClick={() => open('delete')}>
                {t('delete')}
              </ActionButton>
              <ActionButton href={paths.newServer}>{t('orderAgain')}</ActionButton>
            </div>
          </>
        ) : null}
      </div>
    </Section>
  );
}
