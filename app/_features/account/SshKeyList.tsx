'use client';

import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { useErrorWords } from '../../_lib/errors.ts';
import { useTRPC } from '../../_lib/trpc/client.tsx';
import { ActionButton } from '../../_ui/ActionButton.tsx';
import { CopyText } from '../../_ui/CopyText.tsx';
import { Dialog } from '../../_ui/Dialog.tsx';
import { EmptyState } from '../../_ui/EmptyState.tsx';
import { FailureNote } from '../../_ui/FailureNote.tsx';
import { TimeText } from '../../_ui/TimeText.tsx';
import { useDialog } from '../../_ui/useDialog.ts';
import styles from './account.module.css';
import type { KeyKind } from './key-kind.ts';
import { SshKeyForm } from './SshKeyForm.tsx';

export function SshKeyList({ kind }: { kind: KeyKind }) {
  const t = useTranslations('account.sshKeys');
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const words = useErrorWords();
  const dialog = useDialog();
  const procedures = kind === 'own' ? trpc.userKeys : trpc.sshKeys;
  const { data: keys } = useSuspenseQuery(procedures.list.queryOptions());
  const [note, setNote] = useState('');
  const asked = dialog.verb?.startsWith('remove-') ? keys.find(({ id }) => dialog.verb === `remove-${id}`) : undefined;

  const remove = useMutation(
    procedures.remove.mutationOptions({
      onSuccess: async () => {
        if (asked) setNote(t('removedNote', { name: asked.name }));
        dialog.close();
        await queryClient.invalidateQueries(procedures.list.queryFilter());
      },
    }),
  );

  return (
    <>
      <p className={styles.status} role="status">
        {note}
      </p>
      {keys.length === 0 ? (
        <EmptyState title={t(`kinds.${kind}.emptyTitle`)}>
          <p>{t(`kinds.${kind}.emptyBody`)}</p>
        </EmptyState>
      ) : (
        <ul className={styles.keys}>
          {keys.map((key) => (
            <li key={key.id} className={styles.key}>
              <div>
                <p className={styles.keyName}>{key.name}</p>
                <div className={styles.keyFacts}>
                  <span>{key.type}</span>
                  <CopyText value={key.fingerprint} label={t('fingerprint')} mono />
                  <span>
                    {t('added')} <TimeText iso={key.createdAt} mode="date" />
                  </span>
                </div>
              </div>
              <ActionButton
                aria-label={t('removeOf', { name: key.name })}
                onClick={() => dialog.open(`remove-${key.id}`)}
              >
                {t('remove')}
              </ActionButton>
            </li>
          ))}
        </ul>
      )}
      <h3 className={styles.addTitle}>{t(`kinds.${kind}.add`)}</h3>
      <SshKeyForm kind={kind} onAdded={(name) => setNote(t('addedNote', { name }))} />
      <Dialog
        open={asked !== undefined}
        onClose={() => {
          remove.reset();
          dialog.close();
        }}
        title={t('removeTitle', { name: asked?.name ?? '' })}
        actions={
          <ActionButton
            tone="danger"
            busy={remove.isPending}
            onClick={() => {
              if (asked) remove.mutate({ id: asked.id });
            }}
          >
            {t('remove')}
          </ActionButton>
        }
      >
        <p>{t(`kinds.${kind}.removeBody`)}</p>
        <p>{t(`kinds.${kind}.removeKeeps`)}</p>
        {remove.error ? (
          <FailureNote title={t('removeFailed')} facts={[words.text(remove.error)]} id={words.id(remove.error)} />
        ) : null}
      </Dialog>
    </>
  );
}
