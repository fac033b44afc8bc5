'use client';

import { useNow } from '../../_ui/TimeText.tsx';
import { serverTimeAt } from '../clock/server-clock.ts';
import { useLive } from './Live.tsx';

/**
 * Since when nothing was heard of the control plane (ISO 8601), once that is longer ago than `afterMs`; null while
 * all is well, and for who is signed out, which is told otherwise.
 */
export function useLostContact(afterMs: number): string | null {
  const { stream, lastContactMs } = useLive();
  const now = useNow(stream === 'connecting' ? 1000 : null);
  const contact = lastContactMs === null ? null : serverTimeAt(lastContactMs);
  if (stream !== 'connecting' || now === null || contact === null || now - contact < afterMs) return null;
  return new Date(contact).toISOString();
}
