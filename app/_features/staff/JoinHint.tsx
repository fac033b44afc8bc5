'use client';

import { useTranslations } from 'next-intl';
import { CopyText } from '../../_ui/CopyText.tsx';
import { Section } from '../../_ui/Section.tsx';
import { joinCommand, tokenCommand, usePanelOrigin } from './join.ts';
import styles from './staff.module.css';

/** How a host is added: a token that works once, then one command on the new host. */
export function JoinHint() {
  const t = useTranslations('staff.hosts');
  const panel = usePanelOrigin();
  return (
    <Section title={t('join')}>
      <div className={styles.join}>
        <p>{t('joinBody')}</p>
        <p>{t('joinIssue')}</p>
        <CopyText value={tokenCommand('NAME')} label={t('copyIssue')} mono />
        <p>{t('joinRun')}</p>
        <CopyText value={joinCommand(panel, 'NAME')} label={t('copyJoin')} mono />
        <p>{t('joinThen')}</p>
        <p>{t('joinAgain')}</p>
      </div>
    </Section>
  );
}
