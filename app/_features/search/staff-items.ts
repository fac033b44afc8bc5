'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useEffect, useState } from 'react';
import { paths } from '../../_lib/paths.ts';
import { useTRPC } from '../../_lib/trpc/client.tsx';
import { useOperationWords } from '../operations/useOperationWords.ts';
import type { SearchGroup } from './items.ts';

/** Not a question for each letter. */
const PAUSE_MS = 150;
/** Fewer would find everything. */
const LETTERS_MIN = 2;

export type StaffItems = { groups: SearchGroup[]; looking: boolean; failed: boolean };

/** What staff find of all accounts; each leads to its operations, a host to its card. */
export function useStaffItems(query: string, staff: boolean): StaffItems {
  const t = useTranslations('common.search');
  const words = useOperationWords();
  const trpc = useTRPC();
  const wanted = useSettled(query.trim());
  const asks = staff && wanted.length >= LETTERS_MIN;
  const { data, isFetching, isError } = useQuery({
    ...trpc.staff.search.queryOptions({ query: wanted.slice(0, 100) }),
    enabled: asks,
    placeholderData: keepPreviousData,
  });
  const looking = staff && query.trim().length >= LETTERS_MIN && (wanted !== query.trim() || isFetching);
  if (!asks || data === undefined) return { groups: [], looking, failed: asks && isError };
  const groups: SearchGroup[] = [
    {
      name: 'servers',
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
