'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { SessionView } from '../../../server/accounts/schema.ts';
import { useTRPC } from '../../_lib/trpc/client.tsx';
import { ActionButton } from '../../_ui/ActionButton.tsx';
import { QueryView } from '../../_ui/QueryView.tsx';
import { Section } from '../../_ui/Section.tsx';
import { Skeleton } from '../../_ui/Skeleton.tsx';
import { TimeText } from '../../_ui/TimeText.tsx';
import { useDialog } from '../../_ui/useDialog.ts';
import styles from './account.module.css';
import { deviceOf } from './device.ts';
import { EndSessionDialog } from './EndSessionDialog.tsx';

const everywhereElse = 'end-others';
const verbOf = (id: string) => `end-${id}`;

/** Where one is signed in, this browser first; each can be signed out from here. */
export function Sessions() {
  const t = useTranslations('account.security');
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const dialog = useDialog();
  const deviceWords = useDeviceWords();
  const [note, setNote] = useState('');
  const query = useQuery(trpc.account.sessions.queryOptions());
  const others = query.data?.filter((session) => !session.isCurrent) ?? [];

  function done(ended: number) {
    setNote(t('ended', { count: ended }));
    dialog.close();
    void queryClient.invalidateQueries(trpc.account.sessions.queryFilter());
  }
  const end = useMutation(trpc.account.endSession.mutationOptions({ onSuccess: () => done(1) }));
  const endOthers = useMutation(
    trpc.account.endOtherSessions.mutationOptions({ onSuccess: ({ ended }) => done(ended) }),
  );
  const asked = others.find(({ id }) => dialog.verb === verbOf(id));
  function close() {
    end.reset();
    endOthers.reset();
    dialog.close();
  }

  return (
    <Section
      title={t('sessions')}
      actions={
        others.length > 1 ? (
          <ActionButton onClick={() => dialog.open(everywhereElse)}>{t('endOthers')}</ActionButton>
        ) : null
      }
    >
      <p className={styles.lead}>{others.length === 0 ? t('noOthers') : t('sessionsLead')}</p>
      <p className={styles.status} role="status">
        {note}
      </p>
      <QueryView query={query} skeleton={<Skeleton height={160} />} errorTitle={t('failed')}>
        {(sessions) => (
          <ul className={styles.keys}>
            {sessions.map((session) => (
              <SessionRow key={session.id} session={session} onEnd={() => dialog.open(verbOf(session.id))} />
            ))}
          </ul>
        )}
      </QueryView>
      {asked === undefined ? null : (
        <EndSessionDialog
          title={t('endTitle', { device: deviceWords(asked) })}
          busy={end.isPending}
          error={end.error}
          onConfirm={() => end.mutate({ id: asked.id })}
          onClose={close}
        />
      )}
      {dialog.verb === everywhereElse && others.length > 0 ? (
        <EndSessionDialog
          title={t('endOthersTitle')}
          lead={t('endOthersBody', { count: others.length })}
          busy={endOthers.isPending}
          error={endOthers.error}
          onConfirm={() => endOthers.mutate()}
          onClose={close}
        />
      ) : null}
    </Section>
  );
}

function useDeviceWords() {
  const t = useTranslations('account.security');
  return ({ userAgent }: Pick<SessionView, 'userAgent'>): string => {
    const device = deviceOf(userAgent);
    if (device === null) return t('unknownDevice');
    return device.browser === '' || device.system === '' ? device.browser + device.system : t('device', { ...device });
  };
}

function SessionRow({ session, onEnd }: { session: SessionView; onEnd: () => void }) {
  const t = useTranslations('account.security');
  const device = useDeviceWords()(session);
  return (
    <li className={styles.key}>
      <div>
        <p className={styles.keyName}>
          {device}
          {session.isCurrent ? <span className={styles.mark}>{t('thisOne')}</span> : null}
        </p>
        <div className={styles.keyFacts}>
          {session.address === null ? null : (
            <span>
              {t('address')} <span className="mono">{session.address}</span>
            </span>
          )}
          <span>
            {t('signedInAt')} <TimeText iso={session.createdAt} />
          </span>
          <span>
            {t('lastUsed')} <TimeText iso={session.lastUsedAt} mode="relative" />
          </span>
        </div>
      </div>
      {session.isCurrent ? null : (
        <ActionButton aria-label={t('endOf', { device })} onClick={onEnd}>
          {t('end')}
        </ActionButton>
      )}
    </li>
  );
}
