'use client';

import { IconSearch } from '@tabler/icons-react';
import { useTranslations } from 'next-intl';
import { useEffect, useId, useRef } from 'react';
import { ActionButton } from '../../_ui/ActionButton.tsx';
import styles from './list.module.css';
import { type ListView, listFilters } from './list-view.ts';

/** Below this many there is nothing to search in. */
const searchFrom = 2;

/** Search and filter, how many they leave, and the way back to all. */
export function ListToolbar({
  view,
  change,
  shown,
  total,
  renew,
}: {
  view: ListView;
  change: (part: Partial<ListView>) => void;
  shown: number;
  total: number;
  /** The rows were kept in an order that is no longer true: brings the true one. */
  renew: (() => void) | null;
}) {
  const t = useTranslations('servers.list');
  const searchId = useId();
  const search = useRef<HTMLInputElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, for what was typed before the page was alive
  useEffect(() => {
    // Next hears of changes of the address only after the first effects of a page.
    const timer = setTimeout(() => {
      const typed = search.current?.value;
      if (typed !== undefined && typed !== view.query) change({ query: typed });
    });
    return () => clearTimeout(timer);
  }, []);
  function clear() {
    if (search.current) search.current.value = '';
    change({ query: '', filter: null });
  }
  const isNarrowed = view.query.trim() !== '' || view.filter !== null;
  return (
    <div className={styles.toolbar}>
      {total < searchFrom && !isNarrowed ? null : (
        <>
          <div className={styles.search}>
            <label htmlFor={searchId} className={styles.searchLabel} title={t('searchHelp')}>
              {t('search')}
            </label>
            <div className={styles.searchBox}>
              <IconSearch className={styles.searchIcon} size={18} stroke={1.75} aria-hidden />
              <input
                ref={search}
                id={searchId}
                type="search"
                className={styles.searchInput}
                autoComplete="off"
                autoCapitalize="off"
                spellCheck={false}
                // The letters are the browser's own: an address that lags behind must not take any back.
                defaultValue={view.query}
                onChange={(event) => change({ query: event.target.value })}
              />
            </div>
          </div>
          <fieldset className={styles.filters}>
            <legend className="visually-hidden">{t('filter')}</legend>
            {[null, ...listFilters].map((filter) => (
              <button
                key={filter ?? 'all'}
                type="button"
                className={styles.chip}
                aria-pressed={view.filter === filter}
                onClick={() => change({ filter })}
              >
                {t(`filters.${filter ?? 'all'}`)}
              </button>
            ))}
          </fieldset>
        </>
      )}
      <p className={styles.count} role="status">
        {isNarrowed ? t('countOf', { shown, count: total }) : t('count', { count: total })}
      </p>
      {isNarrowed ? <ActionButton onClick={clear}>{t('clear')}</ActionButton> : null}
      {renew === null ? null : <ActionButton onClick={renew}>{t('renew')}</ActionButton>}
      {shown === 0 && isNarrowed ? <p className={styles.noMatch}>{t('noMatch')}</p> : null}
    </div>
  );
}
