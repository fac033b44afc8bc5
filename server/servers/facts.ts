/** A server's rows → the facts that state.ts computes from. */
import type { Tx } from '../db.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import type { ServerFacts } from './state.ts';

export const factsSelect = {
  intended: true,
  intendedDeleted: true,
  deletedAt: true,
  needsAttention: true,
  deleteProtection: true,
  placements: {
    where: { endedAt: null },
    select: { observed: true, reason: true, observedAt: true, since: true, host: { select: { lastContactAt: true } } },
  },
  operations: {
    where: { state: { in: ['queued', 'running', 'stuck'] } },
    orderBy: { createdAt: 'desc' },
    take: 1,
    select: {
      id: true,
      kind: true,
      state: true,
      attempt: true,
      createdAt: true,
      requestedBy: true,
      actorKind: true,
      signal: true,
      steps: { where: { name: 'wait' }, select: { attempt: true, state: true } },
    },
  },
} satisfies Prisma.ServerSelect;

type FactsRow = Prisma.ServerGetPayload<{ select: typeof factsSelect }>;

export function factsOf(row: FactsRow): ServerFacts {
  const placement = row.placements[0];
  const operation = row.operations[0];
  return {
    intended: row.intended,
    intendedDeleted: row.intendedDeleted,
    deletedAt: row.deletedAt,
    needsAttention: row.needsAttention,
    deleteProtection: row.deleteProtection,
    placement: placement
      ? { observed: placement.observed, reason: placement.reason, hostContactAt: placement.host.lastContactAt }
      : null,
    operation: operation
      ? {
          kind: operation.kind,
          state: operation.state === 'stuck' ? 'stuck' : operation.state === 'running' ? 'running' : 'queued',
          takesForceSignal: takesForceSignal(operation),
        }
      : null,
  };
}

/** Until the wait step has its end, or has closed its ears on the way there, the running operation still listens. */
const takesForceSignal = (operation: FactsRow['operations'][number]): boolean =>
  (operation.kind === 'stop' || operation.kind === 'restart') &&
  operation.state !== 'stuck' &&
  operation.signal !== 'closed' &&
  operation.steps.some(
    (step) => step.attempt === operation.attempt && (step.state === 'waiting' || step.state === 'running'),
  );

/** Takes the server's lock: what is decided on these facts holds until the transaction ends. */
export async function lockFacts(tx: Tx, serverId: string): Promise<{ facts: ServerFacts; row: FactsRow }> {
  await tx.$queryRaw`SELECT FROM "Server" WHERE "id" = ${serverId} FOR UPDATE`;
  const row = await tx.server.findUniqueOrThrow({ where: { id: serverId }, select: factsSelect });
  return { facts: factsOf(row), row };
}
