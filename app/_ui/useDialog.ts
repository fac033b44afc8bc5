'use client';

import { useRouter, useSearchParams } from 'next/navigation';
import { useCallback } from 'react';

/** True while the dialog on screen was opened by a click here, so that closing it may go back in the history. */
let openedHere = false;

export interface PageDialog {
  verb: string | null;
  open: (verb: string) => void;
  close: () => void;
  /** On to another page, which takes the dialog's place in the history. */
  leave: (href: string) => void;
}

/**
 * A page's dialog, bound to `?do=<verb>`: it survives a reload, Back closes it, and its address can be sent.
 * The address only opens a dialog; it never acts.
 */
export function useDialog(): PageDialog {
  const router = useRouter();
  const verb = useSearchParams().get('do');
  const open = useCallback((next: string) => {
    const url = new URL(window.location.href);
    const replaces = url.searchParams.has('do');
    url.searchParams.set('do', next);
    // Next follows the native history calls: no request to the server.
    if (replaces) window.history.replaceState(null, '', url);
    else window.history.pushState(null, '', url);
    openedHere = !replaces || openedHere;
  }, []);
  const close = useCallback(() => {
    const url = new URL(window.location.href);
    if (!url.searchParams.has('do')) return;
    if (openedHere) {
      openedHere = false;
      window.history.back();
      return;
    }
    url.searchParams.delete('do');
    window.history.replaceState(null, '', url);
  }, []);
  const leave = useCallback(
    (href: string) => {
      openedHere = false;
      router.replace(href, { scroll: false });
    },
    [router],
  );
  return { verb, open, close, leave };
}
