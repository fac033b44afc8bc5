/**
 * A guest makes its SSH host keys at its first start and says them on its serial port. They are asked for until they
 * are there, so that the customer can compare them at the first login; a guest that has said nothing within an hour
 * (an image that does not) is left in peace.
 */
import { SCREENSHOT_SINCE } from '../../compute-agent/contract/contract.ts';
import type { WorkerDeps } from '../deps.ts';
import { emit } from '../events/emit.ts';
import { Prisma } from '../generated/prisma/client.ts';
import { SILENT_AFTER_MS } from '../servers/state.ts';

const ASKED_FOR_MS = 60 * 60_000;
/** Of one round; the newest first, whose customer is waiting. */
const AT_A_TIME = 20;

/** @returns how many servers' keys are known now that were not */
export async function noteHostKeys(deps: WorkerDeps): Promise<number> {
  const now = deps.clock.now().getTime();
  const servers = await deps.db.server.findMany({
    where: {
      hostKeys: { equals: Prisma.DbNull },
      createdAt: { gte: new Date(now - ASKED_FOR_MS) },
      intendedDeleted: false,
      deletedAt: null,
      placements: {
        some: {
          endedAt: null,
          observed: 'running',
          host: {
            contractVersion: { gte: SCREENSHOT_SINCE },
            lastContactAt: { gte: new Date(now - SILENT_AFTER_MS) },
          },
        },
      },
    },
    orderBy: { createdAt: 'desc' },
    take: AT_A_TIME,
    select: {
      id: true,
      accountId: true,
      placements: { where: { endedAt: null }, select: { host: { select: { id: true } } } },
    },
  });
  const known = await Promise.all(
    servers.map(async ({ id, accountId, placements: [placement] }) => {
      if (!placement) return false;
      try {
        const { fingerprints } = await deps
          .agents(placement.host)
          .hostKeys({ serverId: id }, { requestId: `${id}.keys` });
        if (fingerprints.length === 0) return false;
        return await keep(deps, { id, accountId }, fingerprints);
      } catch (error) {
        deps.log.info({ serverId: id, err: error }, 'host keys: not known yet');
        return false;
      }
    }),
  );
  return known.filter(Boolean).length;
}

function keep(
  deps: WorkerDeps,
  { id, accountId }: { id: string; accountId: string },
  fingerprints: Prisma.InputJsonValue,
): Promise<boolean> {
  return deps.db.$transaction(async (tx) => {
    const { count } = await tx.server.updateMany({
      where: { id, hostKeys: { equals: Prisma.DbNull } },
      data: { hostKeys: fingerprints },
    });
    if (count === 0) return false;
    await emit(tx, { accountId, subject: `server:${id}`, kind: 'host-keys', at: deps.clock.now() });
    return true;
  });
}
