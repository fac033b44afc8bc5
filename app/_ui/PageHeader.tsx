'use client';

import { usePathname } from 'next/navigation';
import { type ReactNode, useEffect, useRef } from 'react';
import styles from './page.module.css';

/** The path that the last header stood on: the first page load keeps the browser's own focus. */
let lastPath: string | undefined;

/** The page's h1. After a route change it takes the focus, so that a screen reader starts here; a tab's link keeps it. */
export function PageHeader({
  title,
  beside,
  children,
}: {
  title: ReactNode;
  /** Told right after the title: a state, say. */
  beside?: ReactNode;
  children?: ReactNode;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  const path = usePathname();
  useEffect(() => {
    const followedTab = document.activeElement?.closest('[data-keeps-focus]') != null;
    if (lastPath !== undefined && lastPath !== path && !followedTab) heading.current?.focus({ preventScroll: true });
    lastPath = path;
  }, [path]);
  return (
    <header className={styles.header}>
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {beside}
      {children ? <div className={styles.headerSide}>{children}</div> : null}
    </header>
  );
}
