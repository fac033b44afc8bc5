/**
 * Revoking a host: from now on nothing that it presents is accepted, in whatever state a renewal or a join of it
 * is. There is no list of revoked certificates: only what stands on the host's record is ever accepted, and now
 * nothing does. What its servers do is no longer known, and shown so. Joining again makes it whole.
 */
import type { Deps } from '../deps.ts';
import { PublicError } from '../errors.ts';
import { newId } from '../ids.ts';
import { tellHost } from './tell.ts';

/**
 * @param input.host id or name
 * @returns the host's id and its servers. @throws PublicError NOT_FOUND
 */
export async function revokeHost(
  deps: Deps,
  input: { host: string; reason: string },
): Promise<{ hostId: string; name: string; servers: number }> {
  return deps.db.$transaction(async (tx) => {
    const host = await tx.host.findFirst({
      where: { OR: [{ id: input.host }, { name: input.host }] },
      select: { id: true, name: true, certFingerprint: true, nextCertFingerprint: true, lastContactAt: true },
    });
    if (!host) throw new PublicError('NOT_FOUND', { detail: `host ${input.host}` });
    const now = deps.clock.now();
    // The joins first, as signing one does: a token that is out, or a request that waits, is worth nothing either.
    await tx.hostJoin.updateMany({
      where: { hostId: host.id, state: { in: ['issued', 'requested', 'signed'] } },
      data: { state: 'refused', refusal: 'this host was revoked; ask for a new token' },
    });
    await tx.host.update({
      where: { id: host.id },
      data: {
        certFingerprint: null,
        certExpiresAt: null,
        certIssuedAt: null,
        nextCertPem: null,
        nextCertFingerprint: null,
        revokedAt: now,
        revokedReason: input.reason,
        // Silent at once: what it last said of its servers counts for nothing.
        lastContactAt: null,
        lastError: null,
      },
    });
    const before = {
      certFingerprint: host.certFingerprint,
      nextCertFingerprint: host.nextCertFingerprint,
      lastContactAt: host.lastContactAt?.toISOString() ?? null,
    };
    await tx.audit.create({
      data: {
        entryId: newId('aud', deps.random),
        phase: 'completed',
        at: now,
        actorKind: 'system',
        actorId: 'admin',
        action: 'hosts.revoke',
        subject: `host:${host.id}`,
        reason: input.reason,
        before,
        after: { revokedAt: now.toISOString() },
      },
    });
    await tellHost(tx, host.id, 'revoked', now);
    const servers = await tx.placement.count({ where: { hostId: host.id, endedAt: null } });
    return { hostId: host.id, name: host.name, servers };
  });
}
