/**
 * The audit log: who did what, for whom, why, from where, and how it ended. Append-only: the beginning of an
 * act is a row, its end is another with the same entryId. An act without an end was cut off by a crash.
 */
import type { Deps } from '../deps.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import { newId } from '../ids.ts';

export type AuditActor = {
  kind: 'user' | 'staff' | 'system' | 'host';
  id: string | null;
  ip?: string | null;
  userAgent?: string | null;
  requestId?: string | null;
};

export type AuditStart = {
  actor: AuditActor;
  /** Name of the procedure or job, e.g. `servers.start`. */
  action: string;
  accountId?: string | null;
  /** Staff acting for a customer: the customer's user or account. */
  onBehalfOf?: string | null;
  reason?: string | null;
  subject?: string | null;
};

/** What is only known while or after it is done. Never secrets. */
export type AuditFacts = {
  subject?: string;
  before?: Prisma.InputJsonValue;
  after?: Prisma.InputJsonValue;
  /** Staff: whose account it turned out to be about. */
  accountId?: string;
  onBehalfOf?: string;
};

export type AuditEnd = (AuditFacts & { ok: true }) | (AuditFacts & { ok: false; errorCode: string });

/**
 * Written before anything happens: an act that cannot be recorded is not done. Proxy and gateway may write acts and
 * read none of them, so nothing but the id is asked back.
 */
export async function beginAudit(deps: Deps, start: AuditStart): Promise<(end: AuditEnd) => Promise<void>> {
  const entryId = newId('aud', deps.random);
  const same = {
    entryId,
    actorKind: start.actor.kind,
    actorId: start.actor.id,
    accountId: start.accountId ?? null,
    onBehalfOf: start.onBehalfOf ?? null,
    reason: start.reason ?? null,
    action: start.action,
    ip: start.actor.ip ?? null,
    userAgent: start.actor.userAgent?.slice(0, 500) ?? null,
    requestId: start.actor.requestId ?? null,
  };
  await deps.db.audit.create({
    data: { ...same, phase: 'started', at: deps.clock.now(), subject: start.subject ?? null },
    select: { id: true },
  });
  return async (end) => {
    try {
      await deps.db.audit.create({
        data: {
          ...same,
          ...(end.accountId && { accountId: end.accountId }),
          ...(end.onBehalfOf && { onBehalfOf: end.onBehalfOf }),
          phase: end.ok ? 'completed' : 'failed',
          at: deps.clock.now(),
          subject: end.subject ?? start.subject ?? null,
          ...(end.before === undefined ? {} : { before: end.before }),
          ...(end.after === undefined ? {} : { after: end.after }),
          errorCode: end.ok ? null : end.errorCode,
        },
        select: { id: true },
      });
    } catch (err) {
      // It is done; the person must not be told that it is not.
      deps.log.error({ err, entryId, action: start.action }, 'the end of an act could not be recorded');
    }
  };
}
