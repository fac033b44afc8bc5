'use client';

import { useTranslations } from 'next-intl';
import type { ServerView } from '../../../server/servers/schema.ts';
import { CopyText } from '../../_ui/CopyText.tsx';
import styles from './server.module.css';
import { useServerWords } from './useServerWords.ts';

/** `ssh root@203.0.113.10` */
export function sshCommand({ loginUser, ipv4 }: Pick<ServerView, 'loginUser' | 'ipv4'>): string | null {
  return ipv4 === null ? null : `ssh ${loginUser}@${ipv4}`;
}

/** How to reach the server and what it is, in one line that wraps. */
export function AddressLine({ server }: { server: ServerView }) {
  const t = useTranslations('servers');
  const words = useServerWords();
  const ssh = sshCommand(server);
  return (
    <div className={styles.addresses}>
      {server.ipv4 === null ? null : <CopyText value={server.ipv4} label={t('address.ipv4')} mono />}
      {server.ipv6 === null ? null : <CopyText value={server.ipv6} label={t('address.ipv6')} mono />}
      {ssh === null ? null : <CopyText value={ssh} label={t('address.ssh')} mono />}
      <span>{words.spec(server.plan)}</span>
      <span>{words.named(server.zone)}</span>
    </div>
  );
}
