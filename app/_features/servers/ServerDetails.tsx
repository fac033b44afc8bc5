'use client';

import { useTranslations } from 'next-intl';
import type { ServerView } from '../../../server/servers/schema.ts';
import { CopyText } from '../../_ui/CopyText.tsx';
import { DataList } from '../../_ui/DataList.tsx';
import { Money } from '../../_ui/Money.tsx';
import { Section } from '../../_ui/Section.tsx';
import { TimeText } from '../../_ui/TimeText.tsx';
import styles from './server.module.css';
import { useServerWords } from './useServerWords.ts';

export function ServerDetails({ server }: { server: ServerView }) {
  const t = useTranslations('servers.detail');
  const words = useServerWords();
  const deleted = server.state === 'deleted';
  return (
    <div className={styles.columns}>
      <Section title={t('machine')}>
        <DataList
          items={[
            { label: t('image'), value: `${words.named(server.image)} ${server.image.version}` },
            { label: t('plan'), value: words.planAndSpec(server.plan) },
            { label: t('zone'), value: words.named(server.zone) },
            { label: t('virtio'), value: server.virtio ? t('virtioOn') : t('virtioOff') },
            { label: t('id'), value: <CopyText value={server.id} label={t('id')} mono /> },
          ]}
        />
      </Section>
      <Section title={t('access')}>
        <DataList
          items={[
            { label: t('hostname'), value: <span className="mono">{server.hostname}</span> },
            { label: t('loginUser'), value: <span className="mono">{server.loginUser}</span> },
            { label: t('signIn'), value: server.signIn === 'password' ? t('signInPassword') : t('signInKeys') },
            ...(server.nextRenewal === null
              ? []
              : [
                  { label: t('price'), value: <Money yen={server.monthlyYenWithTax} /> },
                  { label: t('renewal'), value: <TimeText iso={server.nextRenewal} mode="long" /> },
                ]),
            { label: t('createdAt'), value: <TimeText iso={server.createdAt} /> },
            ...(server.observedAt === null || deleted
              ? []
              : [{ label: t('observedAt'), value: <TimeText iso={server.observedAt} mode="relative" /> }]),
          ]}
        />
      </Section>
    </div>
  );
}
