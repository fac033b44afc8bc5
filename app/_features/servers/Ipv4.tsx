'use client';

import { useTranslations } from 'next-intl';
import type { ServerView } from '../../../server/servers/schema.ts';
import { CopyText } from '../../_ui/CopyText.tsx';
import styles from './list.module.css';

export function Ipv4({ server }: { server: Pick<ServerView, 'ipv4'> }) {
  const t = useTranslations('servers');
  if (server.ipv4 === null) return <span className={styles.quiet}>{t('address.none')}</span>;
  return <CopyText value={server.ipv4} label={t('address.ipv4')} mono />;
}
