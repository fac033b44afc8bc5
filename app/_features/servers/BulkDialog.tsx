'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useRef, useState } from 'react';
import type { ServerView } from '../../../server/servers/schema.ts';
import { useTRPC, useTRPCClient } from '../../_lib/trpc/client.tsx';
import { ActionButton } from '../../_ui/ActionButton.tsx';
import { Dialog } from '../../_ui/Dialog.tsx';
import { useDialog } from '../../_ui/useDialog.ts';
import { type BulkAction, bulkActionOf } from './bulk.ts';
import styles from './list.module.css';
import { useServerWords } from './useServerWords.ts';

/** The dialog that `?do=bulk-…` names: what will happen to each of the chosen servers, then what did. */
export function BulkDialog({
  servers,
  onAccepted,
}: {
  servers: ServerView[];
  /** Of these the choice is taken back; a refused one stays chosen. */
  onAccepted: (ids: string[]) => void;
}) {
  const { verb, close } = useDialog();
  const action = bulkActionOf(verb);
  if (action === null) return null;
  return <Asked key={action} action={action} servers={servers} onAccepted={onAccepted} onClose={close} />;
}

type Outcome = { ok: true } | { ok: false; words: string };

function Asked({
  action,
  servers: now,
  onAccepted,
  onClose,
}: {
  action: BulkAction;
  servers: ServerView[];
  onAccepted: (ids: string[]) => void;
  onClose: () => void;
}) {
  const t = useTranslations('servers.bulk');
  const all = useTranslations('servers');
  const words = useServerWords();
  const trpc = useTRPC();
  const client = useTRPCClient();
  const queryClient = useQueryClient();
  // What was asked for stands, however the list changes meanwhile.
  const [servers] = useState(now);
  const [outcomes, setOutcomes] = useState<Record<string, Outcome>>({});
  const [phase, setPhase] = useState<'asked' | 'running' | 'done'>('asked');
  /** A second try is the same request. */
  const keys = useRef(new Map(servers.map(({ id }) => [id, crypto.randomUUID()])));
  const possible = servers.filter(({ can }) => can[action]?.ok);

  async function run() {
    setPhase('running');
    const accepted: string[] = [];
    for (const { id: serverId } of possible) {
      const request = { serverId, clientKey: keys.current.get(serverId) ?? crypto.randomUUID() };
      try {
        if (action === 'restart') await client.servers.restart.mutate({ ...request, onTimeout: 'give-up' });
        else await client.servers[action].mutate(request);
        accepted.push(serverId);
        setOutcomes((before) => ({ ...before, [serverId]: { ok: true } }));
      } catch (error) {
        const outcome = { ok: false as const, words: words.refusal(action, error) };
        setOutcomes((before) => ({ ...before, [serverId]: outcome }));
      }
    }
    setPhase('done');
    onAccepted(accepted);
    await queryClient.invalidateQueries({ queryKey: trpc.servers.pathKey() });
  }

  function fate(server: ServerView): { words: string; isBad: boolean } {
    const outcome = outcomes[server.id];
    if (outcome !== undefined) {
      return outcome.ok ? { words: t(`done.${action}`), isBad: false } : { words: outcome.words, isBad: true };
    }
    const reason = words.reason(action, server.can[action]);
    return { words: reason === undefined ? t(`will.${action}`) : t('skipped', { reason }), isBad: false };
  }

  const count = possible.length;
  return (
    <Dialog
      open
      onClose={onClose}
      title={phase === 'done' ? t('doneTitle') : t(`title.${action}`, { count })}
      dismiss={phase === 'asked' ? undefined : all('bulk.close')}
      actions={
        phase === 'done' || count === 0 ? undefined : (
          <ActionButton tone="primary" busy={phase === 'running'} onClick={run}>
            {t(`confirm.${action}`, { count })}
          </ActionButton>
        )
      }
    >
      {phase === 'asked' ? <p>{servers.length === 0 ? t('nobody') : t(`body.${action}`)}</p> : null}
      <ul className={styles.fates} aria-live="polite">
        {servers.map((server) => {
          const { words: told, isBad } = fate(server);
          return (
            <li key={server.id}>
              <strong>{server.name}</strong>
              <span className={isBad ? styles.bad : styles.quiet}>{told}</span>
            </li>
          );
        })}
      </ul>
    </Dialog>
  );
}
