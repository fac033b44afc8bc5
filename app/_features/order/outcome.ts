import type { Failure } from '../../_lib/errors.ts';

/**
 * What an order's failure says about the server.
 * - refused: nothing was written.
 * - unknown: no answer, or one of no meaning; the order may have been taken before it was lost.
 * - taken: this form's key stands for an order that was taken, with another content.
 */
export type Outcome = 'refused' | 'unknown' | 'taken';

/** Said before anybody looks for the order's key: it tells nothing about an earlier attempt. */
const saidAtTheDoor: ReadonlySet<Failure['code']> = new Set([
  'UNAUTHENTICATED',
  'ROLE_REQUIRED',
  'BAD_ORIGIN',
  'TOO_MANY_REQUESTS',
] as const);

/** @param before of this order's attempt before this one */
export function outcomeOf(code: Failure['code'], before?: Outcome): Outcome {
  if (before !== undefined && saidAtTheDoor.has(code)) return before;
  if (isSilence(code)) return 'unknown';
  return code === 'KEY_REUSED' ? 'taken' : 'refused';
}

/** It names no reason of its own. */
export const isSilence = (code: Failure['code']): boolean => code === 'network' || code === 'INTERNAL';
