'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useLocale, useTranslations } from 'next-intl';
import type { ServerView } from '../../../server/servers/schema.ts';
import { figure } from '../../_lib/format/numbers.ts';
import { shortDate } from '../../_lib/format/time.ts';
import { paths } from '../../_lib/paths.ts';
import { useTRPC } from '../../_lib/trpc/client.tsx';
import { ActionButton } from '../../_ui/ActionButton.tsx';
import { CopyText } from '../../_ui/CopyText.tsx';
import { PageHeader } from '../../_ui/PageHeader.tsx';
import { QueryView } from '../../_ui/QueryView.tsx';
import { TimeText } from '../../_ui/TimeText.tsx';
import styles from './list.module.css';
import { NoServers } from './NoServers.tsx';
import { OperationLine } from './OperationLine.tsx';
import { ServerListSkeleton } from './ServerListSkeleton.tsx';
import { ServerState } from './ServerState.tsx';
import { sortServers } from './sort.ts';
import { useServerWords } from './useServerWords.ts';

/** All servers of the account: a table, on a phone cards. */
export function ServerList() {
  const t = useTranslations('servers');
  const trpc = useTRPC();
  const query = useQuery(trpc.servers.list.queryOptions());
  const some = query.data !== undefined && query.data.length > 0;
  return (
    <>
      <PageHeader title={t('title')}>
        {some ? (
          <ActionButton href={paths.newServer} tone="primary">
            {t('add')}
          </ActionButton>
        ) : null}
      </PageHeader>
      <QueryView
        query={query}
        skeleton={<ServerListSkeleton />}
        errorTitle={t('error.title')}
        errorFact={t('error.body')}
      >
        {(servers) => (servers.length === 0 ? <NoServers /> : <Servers servers={sortServers(servers)} />)}
      </QueryView>
    </>
  );
}

function Servers({ servers }: { servers: ServerView[] }) {
  const t = useTranslations('servers');
  return (
    <>
      <p className={styles.count}>{t('list.count', { count: servers.length })}</p>
      <ServerTable servers={servers} />
      <ul className={styles.cards} aria-label={t('list.caption')}>
        {servers.map((server) => (
          <ServerCard key={server.id} server={server} />
        ))}
      </ul>
    </>
  );
}

function ServerTable({ servers }: { servers: ServerView[] }) {
  const t = useTranslations('servers');
  const words = useServerWords();
  return (
    <table className={styles.table}>
      <caption className="visually-hidden">{t('list.caption')}</caption>
      <thead>
        <tr>
          <th scope="col">{t('list.state')}</th>
          <th scope="col">{t('list.name')}</th>
          <th scope="col">{t('list.ipv4')}</th>
          <th scope="col" className={styles.dropSecond}>
            {t('list.plan')}
          </th>
          <th scope="col" className={styles.dropFirst}>
            {t('list.zone')}
          </th>
          <th scope="col">{t('list.renewal')}</th>
          <th scope="col" className={styles.right}>
            {t('list.price')}
          </th>
        </tr>
      </thead>
      <tbody>
        {servers.map((server) => (
          <tr key={server.id}>
            <td>
              <ServerState server={server} />
              <OperationLine server={server} />
            </td>
            <th scope="row" className={styles.name}>
              <Link href={paths.server(server.id)}>{server.name}</Link>
            </th>
            <td className={styles.address}>
              <Ipv4 server={server} />
            </td>
            <td className={styles.dropSecond}>
              {words.named(server.plan)}
              <span className={styles.spec}>{words.spec(server.plan)}</span>
            </td>
            <td className={styles.dropFirst}>{words.named(server.zone)}</td>
            <td>{server.nextRenewal === null ? null : <TimeText iso={server.nextRenewal} mode="date" />}</td>
            <td className={styles.right}>{server.nextRenewal === null ? null : figure(server.monthlyYenWithTax)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function ServerCard({ server }: { server: ServerView }) {
  const t = useTranslations('servers');
  const locale = useLocale();
  const words = useServerWords();
  return (
    <li className={styles.card}>
      <div className={styles.cardHead}>
        <ServerState server={server} />
        <Link className={styles.cardName} href={paths.server(server.id)}>
          {server.name}
        </Link>
      </div>
      <OperationLine server={server} />
      <Ipv4 server={server} />
      <p>
        {words.named(server.plan)} <span className={styles.small}>{words.spec(server.plan)}</span>
      </p>
      <p className={styles.small}>
        {words.named(server.zone)}
        {server.nextRenewal === null
          ? null
          : ` · ${t('list.renewalAndPrice', {
              date: shortDate(server.nextRenewal, locale),
              price: words.price(server.monthlyYenWithTax),
            })}`}
      </p>
    </li>
  );
}

function Ipv4({ server }: { server: ServerView }) {
  const t = useTranslations('servers');
  if (server.ipv4 === null) return <span className={styles.quiet}>{t('address.none')}</span>;
  return <CopyText value={server.ipv4} label={t('address.ipv4')} mono />;
}
