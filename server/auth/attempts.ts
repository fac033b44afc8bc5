/**
 * Attempts to sign in: how many are let through, and how all of them stand in the audit log.
 *
 * Wrong passwords are counted by e-mail address *and* the sender's network: were it the e-mail address alone, anybody
 * could keep its owner out with ten wrong guesses. What many networks together may try on one address is limited
 * much higher up. An address that nobody has is counted alike.
 */
import { createHash } from 'node:crypto';
import { type AuditActor, beginAudit } from '../audit/audit.ts';
import type { Deps } from '../deps.ts';
import { type Attempt, countAttempt, forgetAttempts, type LimitRule } from './limits.ts';
import { networkOf } from './network.ts';

/** On one e-mail address, from one network. */
const pairLimit: LimitRule = { max: 10, windowSeconds: 900 };
/** On one e-mail address, from everywhere. */
const emailLimit: LimitRule = { max: 200, windowSeconds: 900 };

/** What the audit log calls an e-mail address that was typed: whoever knows it finds the attempts on it. */
export const emailSubject = (email: string): string =>
  `email:${createHash('sha256').update(email.trim().toLowerCase()).digest('hex')}`;

/** nginx overwrites the header with the one address that it sees; the app itself listens on loopback only. */
const addressOf = (headers: Headers): string | null => headers.get('x-forwarded-for');

const pairKey = (email: string, headers: Headers): string => `${emailSubject(email)}|${networkOf(addressOf(headers))}`;

export async function countSignIn(deps: Deps, email: string, headers: Headers): Promise<Attempt> {
  const byPair = await countAttempt(deps, pairKey(email, headers), pairLimit);
  // What one network goes on trying in vain must not use up what is everybody's.
  return byPair.allowed ? countAttempt(deps, emailSubject(email), emailLimit) : byPair;
}

/** After a right password. What others tried on the address stays counted. */
export const forgetSignIns = ({ db }: Deps, email: string, headers: Headers): Promise<void> =>
  forgetAttempts(db, pairKey(email, headers));

export const userOf = (id: string | null, headers: Headers): AuditActor => ({
  kind: 'user',
  id,
  ip: addressOf(headers),
  userAgent: headers.get('user-agent'),
  requestId: headers.get('x-request-id'),
});

/**
 * Of refusals by a limiter, the 1st, 10th, 100th … of a window, with its number: an attack must be seen in the audit
 * log with its size, but must not be able to fill it.
 */
export async function auditRefusal(
  deps: Deps,
  headers: Headers,
  { action, subject, refused }: { action: string; subject?: string; refused: number },
): Promise<void> {
  if (!/^10*$/.test(String(refused))) return;
  const end = await beginAudit(deps, { actor: userOf(null, headers), action, ...(subject && { subject }) });
  await end({ ok: false, errorCode: 'TOO_MANY_REQUESTS', after: { refused } });
}
