/**
 * A person ends a console that is open: it is written to its row, which its proxy reads every second. The one who was
 * connected is told who did it, when and, where staff did it, why.
 */
import type { Deps } from '../deps.ts';
import { PublicError } from '../errors.ts';
import type { MemberRole } from '../generated/prisma/enums.ts';
import { mayType } from './may-type.ts';

/** What the audit log keeps of it; null: it was over before. */
type Ended = { consoleId: string; kind: string; userId: string; serverId: string; accountId: string } | null;

/**
 * @param serverId a server of the asker's account (server/trpc/load.ts)
 * @throws PublicError ROLE_REQUIRED: another's console, by who may not operate
 */
export async function endAsMember(
  deps: Deps,
  who: { userId: string; role: MemberRole },
  serverId: string,
  consoleId: string,
): Promise<Ended> {
  const found = await openRow(deps, { id: consoleId, serverId });
  if (found && found.userId !== who.userId && !mayType.has(who.role))
    throw new PublicError('ROLE_REQUIRED', { params: { role: 'operator' } });
  return mark(deps, found, { endedById: who.userId, endedByStaff: false });
}

export async function endAsStaff(deps: Deps, userId: string, consoleId: string, reason: string): Promise<Ended> {
  return mark(deps, await openRow(deps, { id: consoleId }), {
    ...{ endedById: userId, endedByStaff: true, endReason: reason },
  });
}

type Row = { id: string; kind: string; userId: string; serverId: string; accountId: string };

const openRow = ({ db }: Deps, where: { id: string; serverId?: string }): Promise<Row | null> =>
  db.consoleSession.findFirst({
    where: { ...where, endedAt: null },
    select: { id: true, kind: true, userId: true, serverId: true, accountId: true },
  });

/** Of two who want it at once, one did it. */
async function mark(
  { db, clock }: Deps,
  row: Row | null,
  by: { endedById: string; endedByStaff: boolean; endReason?: string },
): Promise<Ended> {
  if (row === null) return null;
  const { id, ...facts } = row;
  const { count } = await db.consoleSession.updateMany({
    where: { id, endedAt: null },
    data: { ...by, endedAt: clock.now() },
  });
  return count === 1 ? { consoleId: id, ...facts } : null;
}
