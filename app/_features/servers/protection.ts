'use client';

import { useEffect } from 'react';

/** Where the switch of the delete protection is, in the page and in its address (`#…`). */
export const protectionId = 'delete-protection';

/** Who was led to the switch finds it in sight, with the focus on it; once, after the dialog that led here is gone. */
export function useProtectionFocus(verb: string | null): void {
  useEffect(() => {
    if (verb !== null || window.location.hash !== `#${protectionId}`) return;
    // After the dialog and the page's heading have done theirs.
    const timer = setTimeout(() => {
      const row = document.getElementById(protectionId);
      row?.scrollIntoView({ block: 'center' });
      row?.querySelector('button')?.focus({ preventScroll: true });
      window.history.replaceState(null, '', window.location.pathname);
    }, 50);
    return () => clearTimeout(timer);
  }, [verb]);
}
