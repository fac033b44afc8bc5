/**
 * Customers who go through a server's whole life over and over while processes die under them. They behave as the
 * panel does: the same order key on every attempt, a look at the operation instead of a second request.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { TRPCClientError } from '@trpc/client';
import { type Customer, signUp, smallestOrder } from '../../../e2e/customer.ts';

export interface Tally {
  operations: number;
  /** kind.state → how often. */
  ends: Record<string, number>;
}

const codeIn = (error: TRPCClientError<never>): string | undefined =>
  (error.data as { tsubo?: { code: string } } | undefined)?.tsubo?.code;

/** True where a repetition may help: the door was shut for a moment. */
function passing(error: unknown): boolean {
  if (!(error instanceof TRPCClientError)) return true;
  const code = codeIn(error);
  return code === undefined || code === 'INTERNAL';
}

async function insist<T>(what: string, call: () => Promise<T>, deadlineMs = 120_000): Promise<T> {
  for (const until = Date.now() + deadlineMs; ; await sleep(300)) {
    try {
      return await call();
    } catch (error) {
      if (!passing(error) || Date.now() > until) throw new Error(`${what}: ${String(error)}`, { cause: error });
    }
  }
}

async function ended(who: Customer, operationId: string): Promise<{ kind: string; state: string }> {
  for (const until = Date.now() + 300_000; ; await sleep(250)) {
    const view = await insist('operations.get', () => who.api.operations.get.query({ operationId }));
    if (!['queued', 'running'].includes(view.state)) return view;
    if (Date.now() > until)
      throw new Error(`operation ${operationId} (${view.kind}) does not end: ${JSON.stringify(view.steps)}`);
  }
}

/** Asks for an action; where the answer was lost, finds the operation that the request made. */
async function act(
  who: Customer,
  serverId: string,
  kind: string,
  call: () => Promise<{ operationId: string }>,
  tally: Tally,
) {
  const asked = await insist(kind, async () => {
    try {
      return await call();
    } catch (error) {
      const code = error instanceof TRPCClientError ? codeIn(error) : undefined;
      if (code !== 'OPERATION_RUNNING' && code !== 'NOT_POSSIBLE' && code !== 'NOT_FOUND') throw error;
      // The lost request was taken (or the state already is as wished): wait for what runs, then go on.
      const list = await who.api.operations.listForServer.query({ serverId }).catch(() => []);
      const last = list.find((one) => ['queued', 'running'].includes(one.state)) ?? list[0];
      return last === undefined ? null : { operationId: last.id };
    }
  });
  if (asked === null) return;
  const end = await ended(who, asked.operationId);
  tally.operations++;
  const key = `${end.kind}.${end.state}`;
  tally.ends[key] = (tally.ends[key] ?? 0) + 1;
}

/** One customer: lives until `over()` says so, always ends with what it rented given back or at rest. */
export async function liveUntil(name: string, over: () => boolean, tally: Tally): Promise<void> {
  const who = await insist('sign-up', () => signUp(name));
  for (let round = 1; !over(); round++) {
    const serverName = `${name}-${round}`;
    const order = await insist('options', () => smallestOrder(who, { name: serverName }));
    const placed = await insist('order', () => who.api.servers.order.mutate(order));
    const { serverId } = placed;
    const created = await ended(who, placed.operationId);
    tally.operations++;
    tally.ends[`create.${created.state}`] = (tally.ends[`create.${created.state}`] ?? 0) + 1;
    const go = (kind: string, call: () => Promise<{ operationId: string }>) => act(who, serverId, kind, call, tally);
    if (created.state === 'succeeded') {
      await go('stop', () => who.api.servers.stop.mutate({ serverId }));
      await go('start', () => who.api.servers.start.mutate({ serverId }));
      await go('restart', () => who.api.servers.restart.mutate({ serverId, onTimeout: 'force-off' }));
      await go('force off', () => who.api.servers.forceOff.mutate({ serverId }));
    }
    // Every third server stays, at rest, so that the checker has living ones to look at.
    if (round % 3 !== 0 || over())
      await go('delete', () => who.api.servers.delete.mutate({ serverId, confirmName: serverName }));
  }
}
