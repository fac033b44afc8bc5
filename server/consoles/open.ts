/**
 * Tickets for consoles: the right of one session to open one console of one server, once, within 30 s. The row holds
 * the ticket's hash; the ticket itself is in the answer and nowhere else. The worker takes away what nobody used.
 */
import { TICKET_LIFETIME_MS } from '../../console-proxy/contract/socket.ts';
import { ticketHash } from '../../console-proxy/contract/ticket-hash.ts';
import type { Deps } from '../deps.ts';
import { PublicError } from '../errors.ts';
import type { MemberRole } from '../generated/prisma/enums.ts';
import { factsOf, factsSelect } from '../servers/facts.ts';
import type { EffectiveState, ReasonCode } from '../servers/schema.ts';
import { effectiveState } from '../servers/state.ts';
import { mayType } from './may-type.ts';
import type { ConsoleKind, OpenOutput } from './schema.ts';

/** Nothing that a console could show is there, or will be. */
const gone: Partial<Record<EffectiveState, ReasonCode>> = {
  deleted: 'deleted',
  deleting: 'being-deleted',
  'create-failed': 'create-failed',
};
/** It has no screen now; what its serial port said is still there. */
const dark: Partial<Record<EffectiveState, ReasonCode>> = {
  stopped: 'already-stopped',
  'stopped-by-guest': 'already-stopped',
};

/**
 * @param serverId a server of the asker's account (server/trpc/load.ts)
 * @throws PublicError NOT_POSSIBLE with the reason, where there is nothing to show
 */
export async function openConsole(
  { db, clock, random }: Deps,
  who: { sessionId: string; role: MemberRole },
  serverId: string,
  wish: { kind: ConsoleKind; viewOnly: boolean },
): Promise<OpenOutput> {
  const server = await db.server.findUniqueOrThrow({ where: { id: serverId }, select: factsSelect });
  const now = clock.now();
  const state = effectiveState(factsOf(server), now);
  const reason = gone[state] ?? (wish.kind === 'vnc' ? dark[state] : undefined);
  if (reason !== undefined) throw new PublicError('NOT_POSSIBLE', { params: { reason } });
  const viewOnly = wish.viewOnly || !mayType.has(who.role);
  const ticket = Buffer.from(random(32)).toString('base64url');
  await db.ticket.create({
    data: {
      ...{ hash: ticketHash(ticket), sessionId: who.sessionId, serverId, kind: wish.kind, viewOnly },
      expiresAt: new Date(now.getTime() + TICKET_LIFETIME_MS),
    },
  });
  return { ticket, viewOnly };
}
