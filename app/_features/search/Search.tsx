'use client';

import { IconSearch } from '@tabler/icons-react';
import { useTranslations } from 'next-intl';
import { lazy, Suspense, useEffect, useState } from 'react';
import styles from './search.module.css';

const loadPanel = () => import('./SearchPanel.tsx').then(({ SearchPanel }) => ({ default: SearchPanel }));
const SearchPanel = lazy(loadPanel);
/** Ahead of the press. If it fails, the press tries again and says so. */
const prepare = () => void loadPanel().catch(() => undefined);

/** After what the page itself loads. */
const IDLE_MS = 2_000;

/** Ctrl+K or ⌘K from everywhere; where a console has the focus, its guest has taken the keys before they come here. */
export function Search({ account, staff }: { account: boolean; staff: boolean }) {
  const t = useTranslations('common.search');
  const [opened, setOpened] = useState(false);
  const [isMac, setIsMac] = useState(false);
  useEffect(() => {
    // Who presses Ctrl+K and types on at once loses no letter.
    const timer = setTimeout(prepare, IDLE_MS);
    return () => clearTimeout(timer);
  }, []);
  useEffect(() => {
    setIsMac(/Mac|iPhone|iPad/.test(navigator.platform));
    function onKeyDown(event: KeyboardEvent) {
      if (event.key.toLowerCase() !== 'k' || event.shiftKey || event.altKey || event.isComposing) return;
      if (event.defaultPrevented || event.ctrlKey === event.metaKey) return;
      event.preventDefault();
      // One layer at a time: over an open dialog nothing opens.
      if (document.querySelector('[role="dialog"], dialog[open]') === null) setOpened(true);
    }
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
  return (
    <>
      <button
        type="button"
        className={styles.button}
        aria-haspopup="dialog"
        aria-keyshortcuts="Control+K Meta+K"
        onPointerEnter={prepare}
        onFocus={prepare}
        onClick={() => setOpened(true)}
      >
        <IconSearch size={20} stroke={1.75} aria-hidden />
        <span className={styles.word}>{t('title')}</span>
        <kbd className={styles.keys}>{isMac ? t('keysMac') : t('keys')}</kbd>
      </button>
      {opened ? (
        <Suspense fallback={null}>
          <SearchPanel account={account} staff={staff} onClose={() => setOpened(false)} />
        </Suspense>
      ) : null}
    </>
  );
}
