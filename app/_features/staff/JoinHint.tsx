'use client';

import { useTranslations } from 'next-intl';
import { useEffect, useState } from 'react';
import { CopyText } from '../../_ui/CopyText.tsx';
import { Section } from '../../_ui/Section.tsx';
import styles from './staff.module.css';

/** Run in the installation's folder, where each release brings its own Node. */
const node = 'current/node/bin/node';
const issue = `${node} --env-file=etc/admin.env current/daemons/admin.mjs join-token --name NAME`;
const join = (panel: string) =>
  `${node} current/daemons/agent.mjs join --panel ${panel} --token TOKEN --name NAME --agent-url https://ADDRESS:9443`;

/** How a host is added: a token that works once, then one command on the new host. */
export function JoinHint() {
  const t = useTranslations('staff.hosts');
  const [panel, setPanel] = useState('PANEL');
  useEffect(() => setPanel(window.location.origin), []);
  return (
    <Section title={t('join')}>
      <div className={styles.join}>
        <p>{t('joinBody')}</p>
        <p>{t('joinIssue')}</p>
        <CopyText value={issue} label={t('copyIssue')} mono />
        <p>{t('joinRun')}</p>
        <CopyText value={join(panel)} label={t('copyJoin')} mono />
        <p>{t('joinThen')}</p>
      </div>
    </Section>
  );
}
