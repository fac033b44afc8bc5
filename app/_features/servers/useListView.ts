'use client';

import { useSearchParams } from 'next/navigation';
import { useCallback, useMemo } from 'react';
import { type ListView, listParams, readListView } from './list-view.ts';

/** The list's filter, search and order, kept in the page's address; Back leads off the page, not through each letter. */
export function useListView(): [ListView, (change: Partial<ListView>) => void] {
  const params = useSearchParams();
  const view = useMemo(() => readListView(params), [params]);
  const change = useCallback((part: Partial<ListView>) => {
    const url = new URL(window.location.href);
    const next = { ...readListView(url.searchParams), ...part };
    for (const [name, value] of Object.entries(listParams(next))) {
      if (value === null) url.searchParams.delete(name);
      else url.searchParams.set(name, value);
    }
    window.history.replaceState(null, '', url);
  }, []);
  return [view, change];
}
