'use client';

import { useQuery } from '@tanstack/react-query';
import { usePathname } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { useMemo } from 'react';
import { paths } from '../../_lib/paths.ts';
import { useTRPC } from '../../_lib/trpc/client.tsx';
import { matches, rank } from './match.ts';

/** Something to go to, or a dialog of the page that one is on. Nothing here acts by itself. */
export type SearchItem = {
  id: string;
  words: string;
  /** Told beside the words: an address, say. */
  detail?: string;
  /** What it is found by besides its words. */
  also?: string[];
} & ({ href: string } | { verb: string });

export type SearchGroup = {
  name: 'actions' | 'servers' | 'customerServers' | 'accounts' | 'hosts' | 'operations' | 'pages';
  items: SearchItem[];
};

const serversMax = 8;
/** `looking`: there may be more in a moment; `failed`: there may be more that nobody could say. */
export type Found = { groups: SearchGroup[]; looking: boolean; failed: boolean };

/** The dialogs of a server, as `?do=` names them (servers/ServerDialogs.tsx). */
const verbs = ['stop', 'restart', 'force-off', 'rename', 'delete'] as const;

/** What the query finds, in groups without empty ones: what can be done here stands first. */
export function useSearchItems(query: string, person: { account: boolean; staff: boolean }): Found {
  const t = useTranslations('common.search');
  const nav = useTranslations();
  const trpc = useTRPC();
  const path = usePathname();
  const list = useQuery({ ...trpc.servers.list.queryOptions(), enabled: person.account });
  const servers = list.data;
  const hereId = /^\/servers\/([^/]+)/.exec(path)?.[1];
  const here = servers?.find(({ id }) => id === hereId);

  const groups = useMemo(() => {
    const page = (id: string, href: string, words: string, detail?: string): SearchItem => ({
      ...{ id, href, words },
      ...(detail === undefined ? {} : { detail }),
    });
    const actions = here
      ? verbs.map((verb): SearchItem => ({ id: `do-${verb}`, verb, words: t(`do.${verb}`, { name: here.name }) }))
      : [];
    const found = (servers ?? []).map(
      ({ id, name, hostname, ipv4, ipv6 }): SearchItem => ({
        ...page(id, paths.server(id), name, ipv4 ?? undefined),
        also: [id, hostname, ...[ipv4, ipv6].filter((address) => address !== null)],
      }),
    );
    const pages = [
      ...(here
        ? [
            page('here-screen', paths.screen(here.id), nav('console.open.screen'), here.name),
            page('here-serial', paths.serial(here.id), nav('console.open.serial'), here.name),
            page('here-history', paths.serverHistory(here.id), nav('servers.history.title'), here.name),
            page('here-settings', paths.serverSettings(here.id), nav('servers.settings.title'), here.name),
          ]
        : []),
      ...(person.account
        ? [
            page('servers', paths.servers, nav('servers.title')),
            page('new', paths.newServer, nav('servers.add')),
            page('keys', paths.sshKeys, nav('account.sshKeys.title'), nav('common.nav.account')),
          ]
        : []),
      page('profile', paths.profile, nav('account.profile.title'), nav('common.nav.account')),
      page('security', paths.security, nav('account.security.title'), nav('common.nav.account')),
      ...(person.staff
        ? [
            page('hosts', paths.staffHosts, nav('common.nav.staffHosts'), nav('common.nav.staff')),
            page('operations', paths.staffOperations, nav('common.nav.staffOperations'), nav('common.nav.staff')),
          ]
        : []),
    ];
    const fits = ({ words, detail, also = [] }: SearchItem) =>
      matches(query, [words, ...(detail === undefined ? [] : [detail]), ...also]);
    const best = (a: SearchItem, b: SearchItem) => rank(query, a.words) - rank(query, b.words);
    return (
      [
        { name: 'actions', items: actions.filter(fits) },
        { name: 'servers', items: found.filter(fits).sort(best).slice(0, serversMax) },
        { name: 'pages', items: pages.filter(fits) },
      ] satisfies SearchGroup[]
    ).filter(({ items }) => items.length > 0);
  }, [query, here, servers, person.account, person.staff, t, nav]);
  const unknown = person.account && servers === undefined;
  return { groups, looking: unknown && !list.isError, failed: unknown && list.isError };
}
