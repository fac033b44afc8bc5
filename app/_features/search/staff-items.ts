'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useEffect, useState } from 'react';
import { paths } from '../../_lib/paths.ts';
import { useTRPC } from '../../_lib/trpc/client.tsx';
import { useOperationWords } from '../operations/useOperationWords.ts';
import type { Found, SearchGroup } from './items.ts';

/** Not a question for each letter. */
const PAUSE_MS = 150;
/** Fewer would find everything. */
const LETTERS_MIN = 2;

/** What staff find of all accounts; each leads to its operations, a host to its card. */
export function useStaffItems(query: string, staff: boolean): Found {
  const t = useTranslations('common.search');
  const words = useOperationWords();
  const trpc = useTRPC();
  const wanted = useSettled(query.trim());
  const asks = staff && wanted.length >= LETTERS_MIN;
  const { data, isFetching, isError } = useQuery({
    ...trpc.staff.search.queryOptions({ query: wanted.slice(0, 100) }),
    enabled: asks,
  });
  const looking = staff && query.trim().length >= LETTERS_MIN && (wanted !== query.trim() || isFetching);
  // What another query found is not offered: Enter would open it.
  if (!asks || looking || data === undefined) return { groups: [], looking, failed: asks && !looking && isError };
  const groups: SearchGroup[] = [
    {
      name: 'customerServers',
      items: data.servers.map(({ id, name, ipv4, accountName, deleted }) => ({
        ...{ id: `server-${id}`, href: paths.staffOperationsOf('server', id), words: name },
        detail: [accountName, deleted ? t('givenBack') : ipv4].filter((part) => part !== null).join(' · '),
      })),
    },
    {
      name: 'accounts',
      items: data.accounts.map(({ id, name, email }) => ({
        ...{ id: `account-${id}`, href: paths.staffOperationsOf('account', id), words: name },
        ...(email === null ? {} : { detail: email }),
      })),
    },
    {
      name: 'hosts',
      items: data.hosts.map(({ id, name }) => ({ id: `host-${id}`, href: `${paths.staffHosts}#${id}`, words: name })),
    },
    {
      name: 'operations',
      items: data.operations.map(({ id, kind, serverName }) => ({
        ...{ id: `operation-${id}`, href: paths.staffOperationsOf('id', id), words: words.kind(kind) },
        ...(serverName === null ? {} : { detail: serverName }),
      })),
    },
  ];
  return { groups: groups.filter(({ items }) => items.length > 0), looking, failed: isError };
}

function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
