/** What staff do about an operation that gave up: try again, or undo. */
import type { Tx } from '../db.ts';
import type { Deps } from '../deps.ts';
import { PublicError } from '../errors.ts';
import type { Operation, Prisma } from '../generated/prisma/client.ts';
import type { Intended, Observed, OperationKind, OperationState } from '../generated/prisma/enums.ts';
import type { StaffOperationView } from '../hosts/schema.ts';
import { definitions } from './definitions.ts';
import { auditEntry } from './record.ts';
import { type Actor, addAttempt, isLockConflict } from './request.ts';
import { viewOperations, viewSelect } from './view.ts';

const LIST = 100;

/** A create whose undo took everything away can be made again; what else failed, the customer asks for anew. */
const canRetry = (operation: { kind: OperationKind; state: OperationState }): boolean =>
  operation.state === 'stuck' || (operation.kind === 'create' && operation.state === 'failed');
const canUndo = (operation: { kind: OperationKind; state: OperationState }, observed: Observed | undefined): boolean =>
  operation.state === 'stuck' && !definitions[operation.kind].forwardOnly && !guestRuns(operation, observed);
/**
 * A start that got stuck after its guest had come up (the host went away before it was confirmed). Undone, the guest
 * would lose its power; tried again, the start finds it running and ends well.
 */
const guestRuns = ({ kind }: { kind: OperationKind }, observed: Observed | undefined): boolean =>
  kind === 'start' && observed === 'running';

const intentOf: Partial<Record<OperationKind, Intended>> = {
  create: 'running',
  start: 'running',
  restart: 'running',
  stop: 'stopped',
  force_off: 'stopped',
};

/**
 * `attempt`: the one that staff saw when they decided; another has begun meanwhile: the decision was about
 * something else, unless it is the same person's own, sent twice. Absent: whichever is the last.
 */
type Again = { operationId: string; actor: Actor; attempt?: number };

/** Whose operation it is: staff act on that account's behalf. @throws PublicError NOT_FOUND */
export async function accountOf(deps: Deps, operationId: string): Promise<string> {
  const row = await deps.db.operation.findUnique({ where: { id: operationId }, select: { accountId: true } });
  if (!row) throw new PublicError('NOT_FOUND', { detail: `operation ${operationId}` });
  return row.accountId;
}

/** @throws PublicError NOT_FOUND, NOT_POSSIBLE, OPERATION_RUNNING */
export const retryOperation = (deps: Deps, wanted: Again): Promise<void> =>
  again(deps, wanted, 'forward', async (tx, operation, serverId) => {
    if (!canRetry(operation)) throw notPossible(operation);
    const intended = intentOf[operation.kind];
    await tx.server.update({
      where: { id: serverId },
      data: { needsAttention: null, ...(intended && { intended }) },
    });
  });

/** @throws as retryOperation */
export const undoOperation = (deps: Deps, wanted: Again): Promise<void> =>
  again(deps, wanted, 'undo', async (tx, operation, serverId) => {
    const body = await tx.placement.findFirst({ where: { serverId, endedAt: null }, select: { observed: true } });
    if (guestRuns(operation, body?.observed))
      throw new PublicError('NOT_POSSIBLE', { params: { reason: 'guest-running' } });
    if (!canUndo(operation, body?.observed)) throw notPossible(operation);
  });

const notPossible = (operation: Operation): PublicError =>
  new PublicError('NOT_POSSIBLE', { params: { reason: operation.state } });

async function again(
  deps: Deps,
  { operationId: id, actor, attempt: seen }: Again,
  direction: 'forward' | 'undo',
  prepare: (tx: Tx, operation: Operation, serverId: string) => Promise<void>,
): Promise<void> {
  try {
    await deps.db.$transaction(async (tx) => {
      const found = await tx.operation.findUnique({ where: { id }, select: { serverId: true } });
      if (!found?.serverId) throw new PublicError('NOT_FOUND', { detail: `operation ${id}` });
      await tx.$queryRaw`SELECT FROM "Server" WHERE "id" = ${found.serverId} FOR UPDATE`;
      const operation = await tx.operation.findUniqueOrThrow({ where: { id } });
      if (seen !== undefined && operation.attempt !== seen) {
        if (operation.attempt === seen + 1 && (await began(tx, operation, direction, actor))) return;
        throw notPossible(operation);
      }
      const server = await tx.server.findUniqueOrThrow({ where: { id: found.serverId } });
      if (server.deletedAt) throw notPossible(operation);
      await prepare(tx, operation, server.id);
      await addAttempt(tx, deps, await anew(tx, operation, server.id), direction, actor);
    });
  } catch (error) {
    if (isLockConflict(error)) throw new PublicError('OPERATION_RUNNING', { cause: error });
    throw error;
  }
}

/** The present attempt is what this person has asked for: the same click, heard twice. */
async function began(tx: Tx, { id, attempt }: Operation, direction: string, actor: Actor): Promise<boolean> {
  const key = { operationId: id, attempt, direction };
  if ((await tx.operationAttempt.count({ where: key })) === 0) return false;
  const begun = { entryId: auditEntry(id, attempt), phase: 'started', actorKind: actor.kind, actorId: actor.id };
  return (await tx.audit.count({ where: begun })) > 0;
}

/**
 * The next attempt, under a newer generation: what the attempt before still has on its way to the host is
 * refused there, and a tombstone that its undo left does not stand in the way.
 */
async function anew(tx: Tx, operation: Operation, serverId: string) {
  const attempt = operation.attempt + 1;
  const { generation } = await tx.server.update({
    where: { id: serverId },
    data: { generation: { increment: 1 } },
    select: { generation: true },
  });
  await tx.operation.update({
    where: { id: operation.id },
    data: { state: 'queued', attempt, generation, signal: null, errorCode: null, errorDetail: null, endedAt: null },
  });
  return { id: operation.id, kind: operation.kind, accountId: operation.accountId, serverId, attempt };
}

const staffSelect = {
  ...viewSelect,
  accountId: true,
  errorDetail: true,
  account: { select: { name: true } },
  server: {
    select: {
      name: true,
      placements: {
        orderBy: { createdAt: 'desc' },
        take: 1,
        select: { observed: true, endedAt: true, host: { select: { name: true } } },
      },
    },
  },
} satisfies Prisma.OperationSelect;

/** Which operations; none of them: all. */
export type OperationsOf = { state?: OperationState; serverId?: string; accountId?: string; id?: string };

/** Newest first. */
export async function listForStaff(deps: Deps, of: OperationsOf = {}): Promise<StaffOperationView[]> {
  return viewForStaff(deps, of);
}

/** @throws PublicError NOT_FOUND */
export async function getForStaff(deps: Deps, id: string): Promise<StaffOperationView> {
  const [view] = await viewForStaff(deps, { id });
  if (!view) throw new PublicError('NOT_FOUND', { detail: `operation ${id}` });
  return view;
}

async function viewForStaff({ db }: Deps, where: Prisma.OperationWhereInput): Promise<StaffOperationView[]> {
  const rows = await db.operation.findMany({ where, orderBy: { createdAt: 'desc' }, take: LIST, select: staffSelect });
  const views = await viewOperations(db, rows);
  return rows.flatMap((row, index) => {
    const view = views[index];
    if (!view) return [];
    const placement = row.server?.placements[0];
    const observed = placement?.endedAt === null ? placement.observed : undefined;
    return {
      ...view,
      accountId: row.accountId,
      accountName: row.account.name,
      hostName: placement?.host.name ?? null,
      attempt: row.attempt,
      errorDetail: row.errorDetail,
      hostWords: row.steps.flatMap((step) =>
        step.hostWord
          ? [{ step: step.name, at: (step.endedAt ?? step.startedAt)?.toISOString() ?? null, word: step.hostWord }]
          : [],
      ),
      canRetry: canRetry(row),
      canUndo: canUndo(row, observed),
      guestRuns: guestRuns(row, observed),
    };
  });
}
