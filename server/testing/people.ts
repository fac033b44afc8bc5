/** Rows that many tests begin with. */
import type { Deps } from '../deps.ts';
import type { MemberRole, StaffRole } from '../generated/prisma/enums.ts';
import { newId } from '../ids.ts';
import type { SessionFacts } from '../trpc/context.ts';

/** A signed-in user with an account of their own (staff: without). */
export async function createPerson(
  { db, clock }: Deps,
  options: { role?: MemberRole; staffRole?: StaffRole; accountId?: string } = {},
): Promise<{ session: SessionFacts; accountId: string }> {
  const at = clock.now();
  const [userId, sessionId] = [newId('usr'), newId('ses')];
  const accountId = options.accountId ?? newId('acc');
  const staffRole = options.staffRole ?? null;
  const name = `Person ${userId.slice(4, 8)}`;
  const email = `${userId}@example.com`;
  await db.user.create({ data: { id: userId, name, email, staffRole, createdAt: at, updatedAt: at } });
  if (!staffRole) {
    if (!options.accountId) await db.account.create({ data: { id: accountId, name, createdAt: at } });
    await db.member.create({ data: { userId, accountId, role: options.role ?? 'owner', createdAt: at } });
  }
  const expiresAt = new Date(at.getTime() + 7 * 24 * 3600 * 1000);
  await db.session.create({
    data: { id: sessionId, token: newId('ses'), userId, expiresAt, createdAt: at, updatedAt: at },
  });
  return {
    accountId,
    session: { id: sessionId, user: { id: userId, name, email, locale: 'ja', theme: 'system', staffRole } },
  };
}
