/** People and the accounts that they belong to. */
import type { z } from 'zod';
import type { Deps } from '../deps.ts';
import type { MemberRole } from '../generated/prisma/enums.ts';
import type { Me, preferences } from './schema.ts';

export type Membership = { accountId: string; accountName: string; role: MemberRole };

/** The first one is the account that a page works with when it names none. */
export async function membershipsOf({ db }: Deps, userId: string): Promise<Membership[]> {
  const rows = await db.member.findMany({
    where: { userId },
    orderBy: [{ createdAt: 'asc' }, { accountId: 'asc' }],
    select: { accountId: true, role: true, account: { select: { name: true } } },
  });
  return rows.map(({ accountId, role, account }) => ({ accountId, role, accountName: account.name }));
}

/**
 * Gives a user who has none an account of their own. The sign-up library commits the user before it calls us,
 * and a crash may lie between: so this is called again whenever a user without an account turns up. The
 * account's id follows from the user's, so two callers at once make one account.
 */
export async function ensureAccount(deps: Deps, user: { id: string; name: string }): Promise<void> {
  const accountId = `acc_${user.id.replace(/^usr_/, '')}`;
  const createdAt = deps.clock.now();
  await deps.db.$transaction([
    deps.db.account.createMany({ data: { id: accountId, name: user.name, createdAt }, skipDuplicates: true }),
    deps.db.member.createMany({ data: { userId: user.id, accountId, role: 'owner', createdAt }, skipDuplicates: true }),
  ]);
}

type MeSource = {
  user: { id: string; name: string; email: string; locale: string; theme: string; staffRole: Me['staffRole'] };
  account: Membership | null;
};

export const viewMe = ({ user, account }: MeSource): Me => ({
  user: {
    id: user.id,
    name: user.name,
    email: user.email,
    locale: user.locale === 'en' ? 'en' : 'ja',
    theme: user.theme === 'light' || user.theme === 'dark' ? user.theme : 'system',
  },
  account: account && { id: account.accountId, name: account.accountName, role: account.role },
  staffRole: user.staffRole,
});

export async function savePreferences(
  { db, clock }: Deps,
  userId: string,
  { name, locale, theme }: z.infer<typeof preferences>,
): Promise<void> {
  await db.user.update({
    where: { id: userId },
    data: { ...(name && { name }), ...(locale && { locale }), ...(theme && { theme }), updatedAt: clock.now() },
  });
}
