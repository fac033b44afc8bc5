'use client';

import type { ComponentProps, ReactNode } from 'react';
import styles from './console.module.css';

/** One control of a console: its word, and an icon where there is one. On a phone the word gives way to the icon. */
export function ToolButton({ icon, children, ...props }: ComponentProps<'button'> & { icon?: ReactNode }) {
  return (
    <button type="button" {...props} className={styles.tool}>
      {icon}
      <span data-beside={icon === undefined ? undefined : true}>{children}</span>
    </button>
  );
}
