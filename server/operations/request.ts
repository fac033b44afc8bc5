/**
 * Asking for an operation. Wish, operation, first attempt with its steps, event, audit and the enqueueing in
 * DBOS commit together: there is no moment at which the one is there without the other.
 */
import { createHash } from 'node:crypto';
import type { Tx } from '../db.ts';
import type { Deps } from '../deps.ts';
import { PublicError } from '../errors.ts';
import type { Operation, Prisma } from '../generated/prisma/client.ts';
import type { OperationKind } from '../generated/prisma/enums.ts';
import { newId } from '../ids.ts';
import type { Json } from './definition.ts';
import { definitions } from './definitions.ts';
import { auditBegin, auditEnd, tell } from './record.ts';

/** DBOS's names: of this application, and of the queue that all workers listen to. `tsubo_enqueue` (migrations) has them too. */
export const APPLICATION = 'tsubo';
export const QUEUE = 'operations';
/** NOTIFY here wakes the workers (queue-listener.ts); a lost one costs the interval of their poll. */
export const QUEUE_CHANNEL = 'tsubo_queue';

export type Actor = { kind: 'user' | 'staff' | 'system'; id: string | null; requestId: string | null; reason?: string };

export type Request = {
  kind: OperationKind;
  accountId: string;
  serverId: string;
  input: { [key: string]: Json };
  actor: Actor;
  /** The form's own key, and what was asked with it. */
  client?: { key: string; hash: string } | undefined;
  /** The operation that this one takes over from. */
  supersedes?: string | undefined;
};

export const hashRequest = (request: Json): string =>
  createHash('sha256').update(JSON.stringify(request)).digest('hex');

/**
 * The operation that this key made before, if any; then nothing else is to be done.
 * @throws PublicError KEY_REUSED when it was used for something else
 */
export async function findByKey(tx: Tx, accountId: string, client: Request['client']): Promise<Operation | null> {
  if (!client) return null;
  const before = await tx.operation.findUnique({
    where: { accountId_clientKey: { accountId, clientKey: client.key } },
  });
  if (before && before.requestHash !== client.hash) throw new PublicError('KEY_REUSED');
  return before;
}

/**
 * Inside the caller's transaction, which has locked the server's row and written the wish.
 * @throws what the lock's unique index says, see `asConflict`
 */
export async function requestOperation(tx: Tx, deps: Deps, request: Request): Promise<string> {
  const { kind, accountId, serverId, input, actor, client, supersedes } = request;
  const { locks } = definitions[kind];
  const id = newId('op', deps.random);
  const now = deps.clock.now();
  if (supersedes) await supersede(tx, deps, { id: supersedes, accountId, serverId }, id);
  const { generation } = await tx.server.update({
    where: { id: serverId },
    data: { generation: { increment: kind === 'create' ? 0 : 1 } },
    select: { generation: true },
  });
  await tx.operation.create({
    data: {
      id,
      accountId,
      serverId,
      kind,
      state: 'queued',
      lockPower: locks.power,
      lockDisk: locks.disk,
      lockConfig: locks.config,
      input: { ...input, ...(supersedes && { supersedes }) } as Prisma.InputJsonObject,
      clientKey: client?.key ?? null,
      requestHash: client?.hash ?? null,
      requestId: actor.requestId,
      requestedBy: actor.id,
      actorKind: actor.kind,
      generation,
      createdAt: now,
    },
  });
  await addAttempt(tx, deps, { id, kind, accountId, serverId, attempt: 1 }, 'forward', actor);
  return id;
}

/** A new attempt: its steps as people see them, and its workflow. */
export async function addAttempt(
  tx: Tx,
  deps: Deps,
  operation: { id: string; kind: OperationKind; accountId: string; serverId: string; attempt: number },
  direction: 'forward' | 'undo',
  actor: Actor,
): Promise<void> {
  const { id, kind, attempt } = operation;
  const definition = definitions[kind];
  const workflowId = `${id}:${attempt}`;
  const now = deps.clock.now();
  await tx.operationAttempt.create({ data: { operationId: id, attempt, workflowId, direction, createdAt: now } });
  const steps = [...definition.steps.entries()].filter(([, step]) => direction === 'forward' || step.undo);
  await tx.operationStep.createMany({
    data: steps.map(([seq, step]) => ({ operationId: id, attempt, seq, name: step.name, state: 'waiting' as const })),
  });
  await auditBegin(tx, operation, actor, direction, now);
  await tell(tx, deps, operation, 'queued', true);
  await tx.$queryRaw`SELECT tsubo_enqueue(${id}, ${attempt}::int, ${definition.workflow})::text`;
}

/** Its own worker finds the mark before its next step; the new operation's first step waits for that. */
async function supersede(
  tx: Tx,
  deps: Deps,
  old: { id: string; accountId: string; serverId: string },
  by: string,
): Promise<void> {
  const now = deps.clock.now();
  const { kind, attempt, state } = await tx.operation.findUniqueOrThrow({
    where: { id: old.id },
    select: { kind: true, attempt: true, state: true },
  });
  const { count } = await tx.operation.updateMany({
    where: { id: old.id, state: { in: ['queued', 'running', 'stuck'] } },
    data: { state: 'superseded', supersededBy: by, endedAt: now },
  });
  if (count === 0) return;
  // That a stuck one got stuck was already its end.
  if (state !== 'stuck') await auditEnd(tx, { ...old, kind, attempt }, 'superseded', now);
  await tell(tx, deps, old, 'superseded', false);
}

/** Violated by a second operation of the same lock class: the database is the last to say no. */
const lockIndex = /Operation_(power|disk|config)_lock/;
export const isLockConflict = (error: unknown): boolean =>
  lockIndex.test(JSON.stringify((error as { meta?: unknown })?.meta ?? '') + String(error));
