/**
 * Compares what should be with what is, for every server that no operation works on, and asks for what is
 * missing. It takes no input and remembers nothing: each round looks at the world anew, and may run in several
 * workers, since what it asks for goes through the same table and lock as a customer's wish.
 *
 * - a crash is restarted, three times in ten minutes, then a person must look;
 * - what was running when its host went down is started after the boot;
 * - a guest that shut itself down stays down: nobody may start it behind the customer's back.
 */
import type { Deps, WorkerDeps } from '../deps.ts';
import { PublicError } from '../errors.ts';
import { emit } from '../events/emit.ts';
import { Prisma } from '../generated/prisma/client.ts';
import { requestPower } from '../servers/power.ts';
import { SILENT_AFTER_MS } from '../servers/state.ts';

const CRASH_WINDOW_MS = 10 * 60_000;
const CRASH_RESTARTS = 3;
/** The guest has read its seed by then; on a running domain the file is only in the way of nobody. */
const SEED_AFTER_MS = 10 * 60_000;

type Fallen = {
  id: string;
  accountId: string;
  crashCount: number;
  crashWindowAt: Date | null;
  because: 'crash' | 'host-boot';
};

export async function restartFallen(deps: Deps): Promise<number> {
  const now = deps.clock.now();
  const rows = await deps.db.placement.findMany({
    where: {
      endedAt: null,
      OR: [
        { observed: { in: ['off', 'crashed'] }, reason: 'crashed' },
        { observed: 'off', reason: 'host-boot' },
      ],
      host: { lastContactAt: { gte: new Date(now.getTime() - SILENT_AFTER_MS) } },
      server: {
        intended: 'running',
        intendedDeleted: false,
        deletedAt: null,
        needsAttention: null,
        operations: { none: { state: { in: ['queued', 'running', 'stuck'] } } },
      },
    },
    select: { reason: true, server: { select: { id: true, accountId: true, crashCount: true, crashWindowAt: true } } },
  });
  for (const { reason, server } of rows)
    await restart(deps, { ...server, because: reason === 'crashed' ? 'crash' : 'host-boot' });
  return rows.length;
}

async function restart(deps: Deps, server: Fallen): Promise<void> {
  const { id, accountId, because } = server;
  const now = deps.clock.now();
  const counted = crashesInWindow(server, now);
  if (because === 'crash' && counted >= CRASH_RESTARTS) return markCrashLoop(deps, server);
  try {
    const operationId = await requestPower(deps, {
      action: 'start',
      serverId: id,
      accountId,
      actor: { kind: 'system', id: null, requestId: null },
      role: null,
      input: { because },
    });
    deps.log.warn({ serverId: id, operationId, because }, 'reconcile: starting what should run');
  } catch (error) {
    // The customer, or another worker, was quicker.
    if (!(error instanceof PublicError)) throw error;
    return;
  }
  // Only by whoever asked for the start: another worker that saw the same crash has not.
  if (because === 'crash')
    await deps.db.server.updateMany({
      where: asRead(server),
      data: { crashCount: counted + 1, crashWindowAt: counted === 0 ? now : server.crashWindowAt },
    });
}

function crashesInWindow({ crashCount, crashWindowAt }: Fallen, now: Date): number {
  return crashWindowAt !== null && now.getTime() - crashWindowAt.getTime() < CRASH_WINDOW_MS ? crashCount : 0;
}

/** On the condition of what was read: a customer's start in between begins the count anew. */
const asRead = ({ id, crashCount, crashWindowAt }: Fallen) => ({ id, crashCount, crashWindowAt, needsAttention: null });

async function markCrashLoop(deps: Deps, server: Fallen): Promise<void> {
  const { id, accountId } = server;
  await deps.db.$transaction(async (tx) => {
    const { count } = await tx.server.updateMany({
      where: asRead(server),
      data: { needsAttention: 'crash-loop' },
    });
    if (count === 0) return;
    deps.log.error({ serverId: id, accountId }, 'reconcile: crashes again and again, a person must look');
    await emit(tx, { accountId, subject: `server:${id}`, kind: 'needs-attention', at: deps.clock.now() });
  });
}

/** Takes away the seed of servers that have been running for a while since their create. */
export async function removeReadSeeds(deps: WorkerDeps): Promise<number> {
  const now = deps.clock.now().getTime();
  const since = new Date(now - SEED_AFTER_MS);
  // Those on a host that does not answer would fill every round.
  const heard = new Date(now - SILENT_AFTER_MS);
  const rows = await deps.db.operation.findMany({
    where: {
      kind: 'create',
      state: 'succeeded',
      endedAt: { lt: since },
      result: { equals: Prisma.DbNull },
      server: {
        deletedAt: null,
        placements: {
          some: {
            endedAt: null,
            observed: 'running',
            since: { lt: since },
            host: { lastContactAt: { gte: heard } },
          },
        },
        operations: { none: { state: { in: ['queued', 'running', 'stuck'] } } },
      },
    },
    take: 20,
    select: {
      id: true,
      server: {
        select: {
          id: true,
          generation: true,
          placements: {
            where: { endedAt: null },
            select: { host: { select: { id: true } } },
          },
        },
      },
    },
  });
  for (const { id, server } of rows) {
    const host = server?.placements[0]?.host;
    if (!server || !host) continue;
    try {
      await deps
        .agents(host)
        .removeSeed({ serverId: server.id, generation: server.generation }, { requestId: `${id}.seed` });
      await deps.db.operation.update({ where: { id }, data: { result: { seedRemoved: true } } });
    } catch (error) {
      deps.log.warn({ serverId: server.id, err: error }, 'reconcile: the seed stays for now');
    }
  }
  return rows.length;
}
