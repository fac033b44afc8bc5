import type { Tx } from '../db.ts';
import type { Deps } from '../deps.ts';
import { PublicError } from '../errors.ts';
import { emit } from '../events/emit.ts';
import type { MemberRole } from '../generated/prisma/enums.ts';
import { lockFacts } from './facts.ts';
import { fieldsOf, readServerName } from './name.ts';
import { isNameTaken, nameTaken } from './read-order.ts';
import { canDo } from './state.ts';

/** The panel's name only; the guest keeps its host name. @throws PublicError INPUT, NAME_TAKEN, NOT_POSSIBLE */
export async function rename(
  deps: Deps,
  accountId: string,
  serverId: string,
  role: MemberRole,
  text: string,
): Promise<{ before: string; after: string }> {
  const read = readServerName(text);
  if (!read.ok) throw new PublicError('INPUT', { fields: fieldsOf({ name: read }) });
  const name = read.value;
  const work = async (tx: Tx) => {
    const { facts } = await lockFacts(tx, serverId);
    const can = canDo('rename', facts, role, deps.clock.now());
    if (!can.ok) throw new PublicError('NOT_POSSIBLE', { params: { reason: can.reason } });
    if ((await tx.server.count({ where: { accountId, name, deletedAt: null, id: { not: serverId } } })) > 0)
      throw nameTaken();
    const { name: before } = await tx.server.findUniqueOrThrow({ where: { id: serverId }, select: { name: true } });
    await tx.server.update({ where: { id: serverId }, data: { name } });
    await emit(tx, { accountId, subject: `server:${serverId}`, kind: 'renamed', at: deps.clock.now() });
    return { before, after: name };
  };
  // Another server of the account may take the name between the question and the answer.
  return deps.db.$transaction(work).catch((error: unknown) => {
    throw isNameTaken(error) ? nameTaken() : error;
  });
}
