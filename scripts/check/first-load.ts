/**
 * No page's first load grows unseen: what each had stands in first-load.json, and none may be above the goal.
 * `npm run first-load -- --record` writes what is there now, for whoever means it.
 */
import type { FirstLoad } from '../build/first-load.ts';

/** An empty page of this Next with React: 132.2 KiB of scripts, compressed (docs/decisions has how it was measured). */
const EMPTY_KIB = 132.2;
/** What Tsubo may add to it. */
export const ADDED_KIB = 100;
/** The compressor's own moods: two builds of one tree differ by less. */
const NOISE_KIB = 1;

export type Judgement = { page: string; kib: number; addedKib: number; fault?: string };

export function judgeFirstLoad(now: FirstLoad, recorded: FirstLoad): Judgement[] {
  return Object.entries(now).map(([page, kib]) => {
    const addedKib = Math.round((kib - EMPTY_KIB) * 10) / 10;
    const fault = faultOf(addedKib, kib, recorded[page]);
    return { page, kib, addedKib, ...(fault && { fault }) };
  });
}

function faultOf(addedKib: number, kib: number, before: number | undefined): string | undefined {
  if (addedKib > ADDED_KIB) return `more than ${ADDED_KIB} KiB above an empty page`;
  if (before === undefined) return 'is not recorded';
  if (kib > before + NOISE_KIB) return `grew from ${before} KiB`;
}
