import type { Deps } from '../deps.ts';
import { PublicError } from '../errors.ts';
import { emit } from '../events/emit.ts';
import type { MemberRole } from '../generated/prisma/enums.ts';
import { lockFacts } from './facts.ts';
import { canDo } from './state.ts';

/**
 * Switches delete protection on or off; what it is already stays so, and is no event.
 * @returns what it was before
 * @throws PublicError NOT_POSSIBLE
 */
export async function setDeleteProtection(
  deps: Deps,
  accountId: string,
  serverId: string,
  role: MemberRole,
  on: boolean,
): Promise<{ before: boolean }> {
  const at = deps.clock.now();
  return deps.db.$transaction(async (tx) => {
    const { facts } = await lockFacts(tx, serverId);
    const can = canDo('protect', facts, role, at);
    if (!can.ok) throw new PublicError('NOT_POSSIBLE', { params: { reason: can.reason } });
    if (facts.deleteProtection !== on) {
      await tx.server.update({ where: { id: serverId }, data: { deleteProtection: on } });
      await emit(tx, { accountId, subject: `server:${serverId}`, kind: 'protection', at });
    }
    return { before: facts.deleteProtection };
  });
}
