'use client';

import { useTranslations } from 'next-intl';
import { CopyText } from '../../_ui/CopyText.tsx';
import { Section } from '../../_ui/Section.tsx';
import { issueCommand } from './joinCommand.ts';
import styles from './staff.module.css';

/** How a host is added: a token that works once, then one command on the new host. */
export function JoinHint() {
  const t = useTranslations('staff.hosts');
  return (
    <Section title={t('join')}>
      <div className={styles.join}>
        <p>{t('joinBody')}</p>
        <p>{t('joinIssue')}</p>
        <CopyText value={issueCommand} label={t('copyCommand')} mono />
        <p>{t('joinRun')}</p>
        <p>{t('joinThen')}</p>
      </div>
    </Section>
  );
}
