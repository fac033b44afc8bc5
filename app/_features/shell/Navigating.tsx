'use client';

import { usePathname } from 'next/navigation';
import { type ReactNode, useEffect, useState } from 'react';
import { Skeleton } from '../../_ui/Skeleton.tsx';
import { ServerFrameSkeleton } from '../servers/ServerFrameSkeleton.tsx';
import { ServerListSkeleton } from '../servers/ServerListSkeleton.tsx';
import styles from './Navigating.module.css';
import { navigationTarget, skeletonOf } from './navigation.ts';

/** Until then the old page stays: most pages are there before. */
const patienceMs = 400;
/** Longer than a page takes: then the link led back to where one was, or the browser has loaded the page itself. */
const giveUpMs = 15_000;

/**
 * The content of a page, while another is being fetched: the old one under a thin bar, after a while the outline of
 * the new one. Never blank, never a spinner over all.
 */
export function Navigating({ children }: { children: ReactNode }) {
  const path = usePathname();
  const [target, setTarget] = useState<string | null>(null);
  const [waited, setWaited] = useState(false);

  useEffect(() => {
    function onClick(event: MouseEvent) {
      const next = navigationTarget(event, window.location);
      if (next !== null) setTarget(next);
    }
    // Before the link's own handler, which may stop it.
    document.addEventListener('click', onClick, true);
    return () => document.removeEventListener('click', onClick, true);
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the path is what says that the page has come
  useEffect(() => {
    setTarget(null);
  }, [path]);

  useEffect(() => {
    setWaited(false);
    if (target === null) return;
    const patience = setTimeout(() => setWaited(true), patienceMs);
    const end = setTimeout(() => setTarget(null), giveUpMs);
    return () => {
      clearTimeout(patience);
      clearTimeout(end);
    };
  }, [target]);

  const skeleton = target !== null && waited ? skeletonOf(path, target) : null;
  return (
    <>
      {target === null ? null : <div className={styles.bar} aria-hidden />}
      {skeleton === null ? null : (
        <div aria-busy="true">
          {skeleton === 'list' ? (
            <ServerListSkeleton />
          ) : skeleton === 'server' ? (
            <ServerFrameSkeleton />
          ) : (
            <Skeleton height={480} />
          )}
        </div>
      )}
      <div hidden={skeleton !== null}>{children}</div>
    </>
  );
}
