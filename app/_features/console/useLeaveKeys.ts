'use client';

import { type RefObject, useEffect, useRef } from 'react';

/**
 * Ctrl+Alt+Shift, pressed in the console, leads out of it: a console takes every other key, Tab and Esc too.
 * Heard before the console hears it.
 */
export function useLeaveKeys(stage: RefObject<HTMLElement | null>, leave: () => void) {
  const leaveNow = useRef(leave);
  leaveNow.current = leave;
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent) {
      if (!(event.ctrlKey && event.altKey && event.shiftKey)) return;
      if (!(event.target instanceof Node) || stage.current?.contains(event.target) !== true) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      leaveNow.current();
    }
    window.addEventListener('keydown', onKeyDown, { capture: true });
    return () => window.removeEventListener('keydown', onKeyDown, { capture: true });
  }, [stage]);
}
