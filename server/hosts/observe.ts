/**
 * The one way by which a host's word becomes a row: pushed changes, polled inventories and the answers of
 * calls all come through here, in any order and more than once.
 *
 * A word counts only if it is not older than what is known: by the time at the control plane (for a call the
 * time it was *sent*, so that an answer that was overtaken by a change never hides it), by the generation that
 * the domain holds, and by the host's boot. What is wrong for a moment is put right by the next inventory.
 */
import type { Observation } from '../../compute-agent/contract/shapes.ts';
import type { Deps } from '../deps.ts';
import { emit } from '../events/emit.ts';

export type Said = {
  hostId: string;
  /** null: the answer did not say. */
  bootId: string | null;
  at: Date;
  observations: Observation[];
};

type Changed = {
  serverId: string;
  accountId: string;
  was: string;
  wasReason: string;
  observed: string;
  reason: string;
};

/** @returns the servers whose observed state or reason is another one now */
export async function applyObservations(deps: Pick<Deps, 'db' | 'clock' | 'log'>, said: Said): Promise<Changed[]> {
  if (said.observations.length === 0) return [];
  return deps.db.$transaction(async (tx) => {
    // A log may tell several things about one server: the last one is what holds.
    const last = new Map(said.observations.map((observation) => [observation.serverId, observation]));
    const changed = await tx.$queryRaw<Changed[]>`
      WITH said AS (
        SELECT * FROM jsonb_to_recordset(${JSON.stringify([...last.values()])}::jsonb)
          AS s("serverId" text, "state" text, "reason" text, "generation" int)
      ), known AS (
        SELECT p."id", p."observed" AS was, p."reason" AS "wasReason", said."state", said."reason", said."generation"
        FROM said
        JOIN "Placement" p ON p."serverId" = said."serverId" AND p."hostId" = ${said.hostId} AND p."endedAt" IS NULL
        JOIN "Host" h ON h."id" = p."hostId"
        WHERE (p."observedAt" IS NULL OR p."observedAt" <= ${said.at})
          AND (said."generation" >= p."generation" OR said."state" = 'absent')
          AND h."revokedAt" IS NULL
          AND (${said.bootId}::text IS NULL OR h."bootId" IS NULL OR h."bootId" = ${said.bootId}::text)
        ORDER BY p."id"
        FOR UPDATE OF p
      ), written AS (
        UPDATE "Placement" p SET
          "observed" = known."state"::"Observed",
          -- An agent that was restarted has forgotten why a domain is off; the reason that was known still holds.
          "reason" = CASE WHEN known.was::text = known."state" AND known."reason" = 'none' THEN p."reason" ELSE known."reason" END,
          "generation" = GREATEST(p."generation", known."generation"),
          "bootId" = COALESCE(${said.bootId}::text, p."bootId"),
          "observedAt" = ${said.at},
          "since" = CASE WHEN known.was::text = known."state" THEN COALESCE(p."since", ${said.at}) ELSE ${said.at} END
        FROM known WHERE p."id" = known."id"
        RETURNING p."serverId", known.was::text AS was, known."wasReason", p."observed"::text AS observed, p."reason"
      )
      SELECT written.*, s."accountId" FROM written JOIN "Server" s ON s."id" = written."serverId"
      WHERE was <> observed OR "wasReason" <> written."reason"`;
    for (const { serverId, accountId } of changed) {
      await emit(tx, { accountId, subject: `server:${serverId}`, kind: 'observed', at: deps.clock.now() });
    }
    for (const { serverId, was, observed, reason } of changed) {
      deps.log.info({ serverId, hostId: said.hostId, was, observed, reason }, 'observed');
    }
    return changed;
  });
}

/**
 * A whole inventory: what it does not name is absent, and what it names and nobody knows is reported, never
 * touched: it may be somebody's data.
 * @returns ids of domains on the host that no open placement there knows
 */
export async function applyInventory(deps: Pick<Deps, 'db' | 'clock' | 'log'>, said: Said): Promise<string[]> {
  const placed = await deps.db.placement.findMany({
    where: { hostId: said.hostId, endedAt: null },
    select: { serverId: true, observed: true },
  });
  const named = new Set(said.observations.map((observation) => observation.serverId));
  const known = new Set(placed.map((placement) => placement.serverId));
  // Where nothing was ever observed the domain is still to be made.
  const missing = placed.filter(({ serverId, observed }) => !named.has(serverId) && observed !== 'unknown');
  await applyObservations(deps, {
    ...said,
    observations: [
      ...said.observations.filter((observation) => known.has(observation.serverId)),
      ...missing.map(({ serverId }) => ({
        serverId,
        state: 'absent' as const,
        reason: 'none' as const,
        generation: 0,
      })),
    ],
  });
  return [...named].filter((id) => !known.has(id));
}
