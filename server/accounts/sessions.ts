/** Where a person is signed in, and how one of these ends. A session's token never leaves the database. */
import type { z } from 'zod';
import type { Deps } from '../deps.ts';
import { PublicError } from '../errors.ts';
import type { sessionView } from './schema.ts';

/** The one that asks first, then the one used last. Without those that have run out. */
export async function listSessions(
  { db, clock }: Deps,
  userId: string,
  currentId: string,
): Promise<z.infer<typeof sessionView>[]> {
  const rows = await db.session.findMany({
    where: { userId, expiresAt: { gt: clock.now() } },
    orderBy: [{ updatedAt: 'desc' }, { id: 'asc' }],
    select: { id: true, ipAddress: true, userAgent: true, createdAt: true, updatedAt: true },
  });
  const views = rows.map((row) => ({
    id: row.id,
    isCurrent: row.id === currentId,
    address: row.ipAddress || null,
    userAgent: row.userAgent?.slice(0, 500) || null,
    createdAt: row.createdAt.toISOString(),
    lastUsedAt: row.updatedAt.toISOString(),
  }));
  return views.sort((a, b) => Number(b.isCurrent) - Number(a.isCurrent));
}

/** @throws PublicError NOT_FOUND: none, or somebody else's */
export async function endSession({ db }: Deps, userId: string, id: string): Promise<void> {
  const { count } = await db.session.deleteMany({ where: { id, userId } });
  if (count === 0) throw new PublicError('NOT_FOUND');
}

/** @returns how many there were */
export async function endOtherSessions({ db }: Pick<Deps, 'db'>, userId: string, currentId: string): Promise<number> {
  const { count } = await db.session.deleteMany({ where: { userId, id: { not: currentId } } });
  return count;
}
