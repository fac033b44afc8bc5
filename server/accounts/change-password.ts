/** A new password, for who knows the present one. Whoever was signed in elsewhere has to sign in with the new one. */
import { countAttempt, forgetAttempts, type LimitRule } from '../auth/limits.ts';
import { hashPassword, isKnownWeak, PASSWORD_MAX, PASSWORD_MIN, verifyPassword } from '../auth/passwords.ts';
import type { Deps } from '../deps.ts';
import { PublicError } from '../errors.ts';

/** A stolen session must not be able to guess the password. */
const limit: LimitRule = { max: 10, windowSeconds: 900 };
const key = (userId: string): string => `password:${userId}`;

/**
 * @returns how many other sessions it ended
 * @throws PublicError INPUT (current: password-wrong; password: too-short, too-long, password-known-weak), TOO_MANY_REQUESTS
 */
export async function changePassword(
  deps: Deps,
  who: { sessionId: string; id: string; email: string; name: string },
  { current, password }: { current: string; password: string },
): Promise<number> {
  const refuse = (field: string, code: 'password-wrong' | 'password-known-weak') =>
    new PublicError('INPUT', { fields: { [field]: { code } } });
  const length = password.length;
  if (length < PASSWORD_MIN)
    throw new PublicError('INPUT', {
      fields: { password: { code: 'too-short', params: { min: PASSWORD_MIN, length } } },
    });
  if (length > PASSWORD_MAX)
    throw new PublicError('INPUT', {
      fields: { password: { code: 'too-long', params: { max: PASSWORD_MAX, length } } },
    });
  if (isKnownWeak(password, who)) throw refuse('password', 'password-known-weak');

  const attempt = await countAttempt(deps, key(who.id), limit);
  if (!attempt.allowed)
    throw new PublicError('TOO_MANY_REQUESTS', { params: { retryAfterSeconds: attempt.retryAfterSeconds } });
  const credential = await deps.db.credential.findFirst({
    where: { userId: who.id, providerId: 'credential' },
    select: { id: true, password: true },
  });
  if (!credential?.password || !(await verifyPassword({ hash: credential.password, password: current })))
    throw refuse('current', 'password-wrong');
  await forgetAttempts(deps.db, key(who.id));

  const hashed = await hashPassword(password);
  return deps.db.$transaction(async (tx) => {
    // Of two changes at once the second finds another password than the one that it checked.
    const { count } = await tx.credential.updateMany({
      where: { id: credential.id, password: credential.password },
      data: { password: hashed, updatedAt: deps.clock.now() },
    });
    if (count === 0) throw refuse('current', 'password-wrong');
    const ended = await tx.session.deleteMany({ where: { userId: who.id, id: { not: who.sessionId } } });
    return ended.count;
  });
}
