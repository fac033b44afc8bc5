'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';
import styles from './Tabs.module.css';

/** Parts of one page, each with its address: links, not ARIA tabs. The focus stays on the link that was followed. */
export function Tabs({ label, tabs }: { label: string; tabs: { href: string; words: string }[] }) {
  const path = usePathname();
  return (
    <nav className={styles.tabs} aria-label={label} data-keeps-focus>
      <ul>
        {tabs.map(({ href, words }) => (
          <li key={href}>
            <Link href={href} aria-current={path === href ? 'page' : undefined} scroll={false}>
              {words}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
