/**
 * Start, stop, restart, force off, delete: what a customer asks of a server that exists. Each is one
 * transaction: lock the server, decide by the table of state.ts, write the wish and the operation.
 */
import type { Tx } from '../db.ts';
import type { Deps } from '../deps.ts';
import { PublicError } from '../errors.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import type { MemberRole, OperationKind } from '../generated/prisma/enums.ts';
import type { Json } from '../operations/definition.ts';
import { tell } from '../operations/record.ts';
import { type Actor, findByKey, hashRequest, isLockConflict, requestOperation } from '../operations/request.ts';
import { lockFacts } from './facts.ts';
import type { ServerAction } from './schema.ts';
import { canDo, decide, type ServerFacts } from './state.ts';
import { cancelSubscription } from './subscription.ts';

export type PowerAction = Exclude<ServerAction, 'rename' | 'protect'>;
export type PowerRequest = {
  action: PowerAction;
  serverId: string;
  accountId: string;
  actor: Actor;
  /** null: the system itself, which no role binds. */
  role: MemberRole | null;
  input?: { [key: string]: Json };
  clientKey?: string | undefined;
};

const kindOf: Record<PowerAction, OperationKind> = {
  start: 'start',
  stop: 'stop',
  restart: 'restart',
  'force-off': 'force_off',
  delete: 'delete',
};
const wishOf: Record<PowerAction, Prisma.ServerUpdateInput> = {
  start: { intended: 'running', needsAttention: null, crashCount: 0, crashWindowAt: null },
  stop: { intended: 'stopped' },
  restart: { intended: 'running' },
  'force-off': { intended: 'stopped' },
  delete: { intended: 'stopped', intendedDeleted: true },
};

/**
 * @returns the operation that does it: a new one, the one that this client key made before, or, for force off
 * during a stop, the stop that was told to cut the power
 * @throws PublicError NOT_POSSIBLE, OPERATION_RUNNING, PROTECTED, KEY_REUSED
 */
export async function requestPower(deps: Deps, request: PowerRequest): Promise<string> {
  try {
    return await deps.db.$transaction((tx) => decideAndRequest(tx, deps, request));
  } catch (error) {
    // Requests lock the server's row, so this is the last net, not the way it usually goes.
    if (isLockConflict(error)) throw new PublicError('OPERATION_RUNNING', { cause: error });
    throw error;
  }
}

async function decideAndRequest(tx: Tx, deps: Deps, request: PowerRequest): Promise<string> {
  const { action, serverId, accountId, actor, role, input = {}, clientKey } = request;
  const client = clientKey ? { key: clientKey, hash: hashRequest({ action, serverId, input }) } : undefined;
  const { facts, row } = await lockFacts(tx, serverId);
  const before = await findByKey(tx, accountId, client);
  if (before) return before.id;

  const now = deps.clock.now();
  const running = row.operations[0];
  const can = canDo(action, facts, role ?? 'owner', now);
  if (!can.ok) {
    if (can.reason === 'protected') throw new PublicError('PROTECTED');
    if (can.reason === 'operation-running' && running) throw await conflictWith(tx, running);
    throw new PublicError('NOT_POSSIBLE', { params: { reason: can.reason } });
  }
  if (actor.kind === 'system' && !stillWanted(facts, input.because))
    throw new PublicError('NOT_POSSIBLE', { params: { reason: 'not-wanted' } });
  const decision = decide(action, facts, now);
  // A crash restart changes nobody's wish, and must not forget how often it was tried.
  if (actor.kind !== 'system') await tx.server.update({ where: { id: serverId }, data: wishOf[action] });
  if (action === 'delete') await cancelSubscription(tx, deps.clock, serverId);
  if (decision.do === 'signal' && running) {
    await tx.operation.update({ where: { id: running.id }, data: { signal: 'force_off' } });
    // A restart goes on to start again: that is still what was asked for.
    if (running.kind === 'restart') await tx.server.update({ where: { id: serverId }, data: { intended: 'running' } });
    await tell(tx, deps, { id: running.id, accountId, serverId }, 'signal', true);
    return running.id;
  }
  return requestOperation(tx, deps, {
    kind: kindOf[action],
    accountId,
    serverId,
    input,
    actor,
    client,
    supersedes: decision.do === 'supersede' ? running?.id : undefined,
  });
}

/**
 * The reconciler read what it acts on before it had the lock: meanwhile the customer may have had the server forced
 * off, or somebody may have started it.
 */
const stillWanted = ({ intended, placement }: ServerFacts, because: Json | undefined): boolean =>
  intended === 'running' && placement?.reason === (because === 'crash' ? 'crashed' : because);

type Running = { id: string; kind: OperationKind; createdAt: Date; requestedBy: string | null; actorKind: string };

/** Whose operation is in the way: pages say so instead of an error. */
async function conflictWith(tx: Tx, running: Running): Promise<PublicError> {
  const user = running.requestedBy
    ? await tx.user.findUnique({ where: { id: running.requestedBy }, select: { name: true } })
    : null;
  return new PublicError('OPERATION_RUNNING', {
    params: {
      kind: running.kind,
      operationId: running.id,
      startedBy: running.actorKind === 'user' ? (user?.name ?? '') : running.actorKind,
      startedAt: running.createdAt.toISOString(),
    },
  });
}

/** @throws PublicError NAME_MISMATCH, and as requestPower */
export async function requestDelete(
  deps: Deps,
  request: Omit<PowerRequest, 'action'> & { confirmName: string; name: string },
): Promise<string> {
  if (request.confirmName.normalize('NFKC').trim().toLowerCase() !== request.name)
    throw new PublicError('NAME_MISMATCH');
  return requestPower(deps, { ...request, action: 'delete' });
}
