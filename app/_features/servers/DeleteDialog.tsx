'use client';

import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { failureOf } from '../../_lib/errors.ts';
import { ActionButton } from '../../_ui/ActionButton.tsx';
import { ConfirmNameField, sameName } from '../../_ui/ConfirmNameField.tsx';
import { Dialog } from '../../_ui/Dialog.tsx';
import { fieldId } from '../../_ui/Field.tsx';
import type { ServerDialogProps } from './dialogs.tsx';
import styles from './server.module.css';
import { useServerWords } from './useServerWords.ts';

/** What is lost and what stays, from the server's own data; then its name, typed. */
export function DeleteDialog({ server, installation, actions, onClose }: ServerDialogProps) {
  const t = useTranslations('servers.dialog.delete');
  const words = useServerWords();
  const [typed, setTyped] = useState('');
  const [mismatch, setMismatch] = useState(false);
  const [refused, setRefused] = useState<string>();

  function differs() {
    setMismatch(true);
    document.getElementById(fieldId('confirmName'))?.focus();
  }

  async function submit() {
    setRefused(undefined);
    if (!sameName(typed, server.name)) return differs();
    try {
      await actions.delete.run(typed);
      onClose();
    } catch (error) {
      if (failureOf(error).code === 'NAME_MISMATCH') differs();
      else setRefused(words.refusal('delete', error));
    }
  }

  const lost = [
    t('lostDisk', { disk: server.plan.diskGiB }),
    ...[server.ipv4, server.ipv6].filter((a) => a !== null).map((address) => t('lostAddress', { address })),
    ...(server.state === 'running' ? [t('lostRunning')] : []),
    t('noBackup'),
  ];
  return (
    <Dialog
      open
      onClose={onClose}
      onSubmit={submit}
      title={t('title', { name: server.name })}
      actions={
        <ActionButton tone="danger" type="submit" busy={actions.delete.busy}>
          {t('confirm')}
        </ActionButton>
      }
    >
      <p>{t('body')}</p>
      <div className={styles.lostKept}>
        <Facts title={t('lost')} facts={lost} />
        <Facts title={t('kept')} facts={[t('keptKeys'), t('keptHistory')]} />
      </div>
      {installation.takesPayment ? null : <p>{t('refund')}</p>}
      <ConfirmNameField
        label={t('nameLabel', { name: server.name })}
        value={typed}
        onChange={(value) => {
          setTyped(value);
          setMismatch(false);
        }}
        error={mismatch ? t('mismatch', { name: server.name }) : undefined}
      />
      {refused === undefined ? null : (
        <p role="alert" className={styles.refused}>
          {refused}
        </p>
      )}
    </Dialog>
  );
}

function Facts({ title, facts }: { title: string; facts: string[] }) {
  return (
    <div>
      <h3 className={styles.factsTitle}>{title}</h3>
      <ul className={styles.facts}>
        {facts.map((fact) => (
          <li key={fact}>{fact}</li>
        ))}
      </ul>
    </div>
  );
}
