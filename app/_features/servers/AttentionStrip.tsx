'use client';

import { IconAlertTriangleFilled } from '@tabler/icons-react';
import Link from 'next/link';
import { useTranslations } from 'next-intl';
import type { ServerView } from '../../../server/servers/schema.ts';
import { paths } from '../../_lib/paths.ts';
import styles from './list.module.css';
import { needsSomeone, sortServers } from './sort.ts';

const namedMax = 5;

/** On top, and only if there is something: which servers need somebody. */
export function AttentionStrip({ servers }: { servers: ServerView[] }) {
  const t = useTranslations('servers.list');
  const those = sortServers(servers.filter(needsSomeone));
  if (those.length === 0) return null;
  return (
    <div className={styles.attention}>
      <IconAlertTriangleFilled className={styles.attentionIcon} size={18} aria-hidden />
      <p>{t('attention', { count: those.length })}</p>
      <ul>
        {those.slice(0, namedMax).map((server) => (
          <li key={server.id}>
            <Link href={paths.server(server.id)}>{server.name}</Link>
          </li>
        ))}
      </ul>
    </div>
  );
}
