'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useLocale, useTranslations } from 'next-intl';
import { type ReactNode, useMemo, useState } from 'react';
import type { Installation } from '../../../server/catalog/schema.ts';
import type { ServerView } from '../../../server/servers/schema.ts';
import { failureOf } from '../../_lib/errors.ts';
import { clock, duration } from '../../_lib/format/time.ts';
import { paths } from '../../_lib/paths.ts';
import { useTRPC } from '../../_lib/trpc/client.tsx';
import { ActionButton } from '../../_ui/ActionButton.tsx';
import { EmptyState } from '../../_ui/EmptyState.tsx';
import { PageHeader } from '../../_ui/PageHeader.tsx';
import { QueryView } from '../../_ui/QueryView.tsx';
import { Tabs } from '../../_ui/Tabs.tsx';
import { useNow } from '../../_ui/TimeText.tsx';
import { useDialog } from '../../_ui/useDialog.ts';
import { AddressLine } from './AddressLine.tsx';
import { PowerSlots } from './PowerSlots.tsx';
import { Refusal } from './Refusal.tsx';
import { ServerDialogs } from './ServerDialogs.tsx';
import { ServerFrameSkeleton } from './ServerFrameSkeleton.tsx';
import { ServerOperation } from './ServerOperation.tsx';
import { ServerState } from './ServerState.tsx';
import styles from './server.module.css';
import { ServerContext } from './serverContext.ts';
import { useServerActions } from './useServerActions.ts';

/** Everything about one server: its head, what goes on, and under its tabs the parts, which are pages of their own. */
export function ServerFrame({ serverId, children }: { serverId: string; children: ReactNode }) {
  const t = useTranslations('servers');
  const trpc = useTRPC();
  const query = useQuery(trpc.servers.get.queryOptions({ serverId }));
  const installation = useQuery(trpc.catalog.installation.queryOptions());
  const both = useMemo(
    () => (query.data && installation.data ? { server: query.data, installation: installation.data } : undefined),
    [query.data, installation.data],
  );
  // Deleted while the page was open: the last answer would be stale for ever.
  if (query.error !== null && failureOf(query.error).code === 'NOT_FOUND') return <Gone />;
  return (
    <QueryView
      query={{
        data: both,
        error: query.error ?? installation.error,
        isFetching: query.isFetching || installation.isFetching,
        refetch: () => Promise.all([query.refetch(), installation.refetch()]),
      }}
      skeleton={<ServerFrameSkeleton />}
      errorTitle={t('error.title')}
      errorFact={t('error.body')}
    >
      {(data) => <Loaded {...data}>{children}</Loaded>}
    </QueryView>
  );
}

function Gone() {
  const t = useTranslations('servers.error');
  return (
    <EmptyState
      title={t('notFoundTitle')}
      actions={<ActionButton href={paths.servers}>{t('backToList')}</ActionButton>}
    >
      <p>{t('notFoundBody')}</p>
    </EmptyState>
  );
}

function Loaded({
  server,
  installation,
  children,
}: {
  server: ServerView;
  installation: Installation;
  children: ReactNode;
}) {
  const t = useTranslations('servers');
  const common = useTranslations('common');
  const actions = useServerActions(server);
  const dialog = useDialog();
  const [copied, setCopied] = useState('');
  const onPage = { server, actions, dialog };

  async function copyId() {
    try {
      await navigator.clipboard.writeText(server.id);
      setCopied(t('action.idCopied'));
    } catch {
      setCopied(common('copyRefused'));
    }
  }

  return (
    <>
      <nav className={styles.crumb}>
        <Link href={paths.servers}>{t('title')}</Link>
      </nav>
      <div className={styles.head}>
        <PageHeader title={server.name} beside={<ServerNow server={server} />} />
        <PowerSlots server={server} actions={actions} open={dialog.open} onCopyId={copyId} />
      </div>
      <AddressLine server={server} />
      <div className="visually-hidden" role="status">
        {actions.announcement} {copied}
      </div>
      <StateNote server={server} />
      <ServerOperation server={server} actions={actions} open={dialog.open} />
      <Refusal actions={actions} />
      <ServerTabs server={server} />
      <ServerContext value={onPage}>{children}</ServerContext>
      <ServerDialogs dialog={dialog} server={server} installation={installation} actions={actions} />
    </>
  );
}

function ServerTabs({ server }: { server: ServerView }) {
  const t = useTranslations('servers');
  return (
    <Tabs
      label={t('tabs.label')}
      tabs={[
        { href: paths.server(server.id), words: t('tabs.overview') },
        { href: paths.serverHistory(server.id), words: t('history.title') },
        // Of a server that is gone nothing can be set.
        ...(server.state === 'deleted' ? [] : [{ href: paths.serverSettings(server.id), words: t('settings.title') }]),
      ]}
    />
  );
}

function ServerNow({ server }: { server: ServerView }) {
  return (
    <div className={styles.state}>
      <ServerState server={server} />
      <Since server={server} />
    </div>
  );
}

/** How long this state holds; it changes quietly. */
function Since({ server }: { server: ServerView }) {
  const locale = useLocale();
  const now = useNow(1000);
  if (server.since === null || now === null) return null;
  return (
    <span className={styles.since} aria-live="off">
      {duration((now - Date.parse(server.since)) / 1000, locale)}
    </span>
  );
}

/** A sentence for the states that need one. */
function StateNote({ server }: { server: ServerView }) {
  const t = useTranslations('servers.stateNote');
  const attention = useTranslations('servers.attention');
  const { state, observedAt, operation } = server;
  if (state === 'unknown' && observedAt !== null) {
    return <p className={styles.note}>{t('unknownSince', { time: clock(observedAt) })}</p>;
  }
  if (server.attention !== null) {
    // A stuck operation brings its own sentences.
    return server.attention === 'stuck' ? null : <p className={styles.note}>{attention(server.attention)}</p>;
  }
  switch (state) {
    case 'unknown':
    case 'stopped-by-guest':
    case 'deleted':
      return <p className={styles.note}>{t(state)}</p>;
    case 'create-failed':
      return operation === null ? <p className={styles.note}>{t(state)}</p> : null;
    default:
      return null;
  }
}
