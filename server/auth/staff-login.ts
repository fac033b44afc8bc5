/** The first way in for staff: made by the operator's command, not by the sign-up. */
import { beginAudit } from '../audit/audit.ts';
import type { Deps } from '../deps.ts';
import { newId } from '../ids.ts';
import { hashPassword } from './passwords.ts';

/**
 * Makes an admin with a generated password.
 * @returns null when somebody with this e-mail address, or, without one, any admin, is there: nothing is changed
 */
export async function createStaffLogin(
  deps: Deps,
  wanted: { email?: string },
): Promise<{ email: string; password: string } | null> {
  const email = (wanted.email ?? 'admin@tsubo.internal').toLowerCase();
  const { db, random } = deps;
  const present = await db.user.findFirst({ where: wanted.email ? { email } : { staffRole: 'admin' } });
  if (present) return null;
  // 100 random bits, in groups that can be typed.
  const password = [...newId('usr', random).slice(4), ...newId('usr', random).slice(4, 8)]
    .join('')
    .replace(/.{5}(?=.)/g, '$&-');
  const hash = await hashPassword(password);
  const id = newId('usr', random);
  const now = deps.clock.now();
  const times = { createdAt: now, updatedAt: now };
  const end = await beginAudit(deps, {
    actor: { kind: 'system', id: null },
    action: 'admin.staffLogin',
    subject: `user:${id}`,
  });
  await db.user.create({
    data: {
      id,
      name: 'Administrator',
      email,
      staffRole: 'admin',
      ...times,
      credentials: {
        create: { id: newId('crd', random), accountId: id, providerId: 'credential', password: hash, ...times },
      },
    },
  });
  await end({ ok: true, after: { email, staffRole: 'admin' } });
  return { email, password };
}
