/**
 * Who may have a console open: asked once when a ticket was taken, and every second of all that are open. A member of
 * the server's account may; what can be typed into only for its owner and operators (as server/consoles issues
 * tickets), and staff.
 */
import type { Pool, PoolClient } from 'pg';
import type { ConsoleEnding } from './contract/messages.ts';
import { CONSOLES_PER_ACCOUNT } from './contract/socket.ts';

/** Why a console may not be, or not be any longer. noBody: the server has no place on any host. */
export type Refusal = 'signedOut' | 'permissionGone' | 'deleted' | 'tooMany' | 'noBody';
export type Standing = 'good' | 'signedOut' | 'permissionGone' | 'deleted' | 'ended';
/** `ending`: who ended it, of one that is `ended`. */
export type Found = { standing: Standing; ending: ConsoleEnding | null };

/** `sessionId` null: came through the SSH door, where a key says who it is. */
export type Asker = { id: string; sessionId: string | null; userId: string; serverId: string; viewOnly: boolean };

/** One whose proxy has not said for so long that it is open is not. */
const ALIVE = `interval '30 seconds'`;
const FORGOTTEN = `interval '60 seconds'`;
const NOW = `(clock_timestamp() AT TIME ZONE 'UTC')`;

const STANDING = `
  CASE
    WHEN q."sessionId" IS NOT NULL AND (s.id IS NULL OR s."expiresAt" <= ${NOW}) THEN 'signedOut'
    WHEN v.id IS NULL OR v."intendedDeleted" OR v."deletedAt" IS NOT NULL THEN 'deleted'
    WHEN u.id IS NULL OR NOT (u."staffRole" IS NOT NULL OR m."userId" IS NOT NULL AND
      (q."viewOnly" OR m.role IN ('owner', 'operator'))) THEN 'permissionGone'
    ELSE 'good'
  END`;
const JOINED = `
  LEFT JOIN "Session" s ON s.id = q."sessionId" AND s."userId" = q."userId"
  LEFT JOIN "Server" v ON v.id = q."serverId"
  LEFT JOIN "User" u ON u.id = q."userId"
  LEFT JOIN "Member" m ON m."userId" = q."userId" AND m."accountId" = v."accountId"`;

/** Whether a person ended it: columns of the row of `q.id`. */
export const ENDING = `CASE WHEN c."endedAt" IS NOT NULL THEN json_build_object(
    'at', to_char(c."endedAt", 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'byStaff', c."endedByStaff",
    'name', CASE WHEN NOT c."endedByStaff" THEN e.name END, 'reason', c."endReason") END AS ending`;
export const ENDED = `
  LEFT JOIN "ConsoleSession" c ON c.id = q.id
  LEFT JOIN "User" e ON e.id = c."endedById"`;

/** One question for all that this process holds. @returns by id */
export async function standings(pool: Pool, askers: Asker[]): Promise<Map<string, Found>> {
  const { rows } = await pool.query<{ id: string; standing: Exclude<Standing, 'ended'>; ending: ConsoleEnding | null }>(
    `SELECT q.id, ${STANDING} AS standing, ${ENDING}
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::boolean[])
       AS q(id, "sessionId", "userId", "serverId", "viewOnly") ${JOINED} ${ENDED}`,
    [
      askers.map(({ id }) => id),
      askers.map(({ sessionId }) => sessionId),
      askers.map(({ userId }) => userId),
      askers.map(({ serverId }) => serverId),
      askers.map(({ viewOnly }) => viewOnly),
    ],
  );
  return new Map(
    rows.map(({ id, standing, ending }) => [
      id,
      { standing: standing === 'good' && ending ? 'ended' : standing, ending },
    ]),
  );
}

export type Admission = { ok: true; hostId: string; userName: string } | { ok: false; why: Refusal };

/**
 * Writes the console down as open, where it may be. Members share their account's limit; a member of the staff, who
 * looks into many accounts, has one of their own. Two that come at once are admitted one after the other.
 */
export async function admit(pool: Pool, asker: Asker, kind: 'vnc' | 'serial'): Promise<Admission> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    const admission = await admitIn(client, asker, kind);
    await client.query(admission.ok ? 'COMMIT' : 'ROLLBACK');
    return admission;
  } catch (error) {
    broken = error as Error;
    throw error;
  } finally {
    // Not to be used again in the middle of a transaction.
    client.release(broken);
  }
}

type Row = {
  standing: Exclude<Standing, 'ended'>;
  accountId: string;
  scope: string;
  hostId: string | null;
  userName: string;
};

async function admitIn(client: PoolClient, asker: Asker, kind: 'vnc' | 'serial'): Promise<Admission> {
  const { id, sessionId, userId, serverId, viewOnly } = asker;
  const { rows } = await client.query<Row>(
    `SELECT ${STANDING} AS standing, v."accountId", u.name AS "userName", p."hostId",
       CASE WHEN m."userId" IS NULL THEN 'user ' || q."userId" ELSE 'account ' || v."accountId" END AS scope
     FROM (SELECT $1::text AS "sessionId", $2::text AS "userId", $3::text AS "serverId", $4::boolean AS "viewOnly") q
     ${JOINED} LEFT JOIN "Placement" p ON p."serverId" = v.id AND p."endedAt" IS NULL`,
    [sessionId, userId, serverId, viewOnly],
  );
  const row = rows[0] as Row;
  if (row.standing !== 'good') return { ok: false, why: row.standing };
  if (row.hostId === null) return { ok: false, why: 'noBody' };
  await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`console ${row.scope}`]);
  const { rowCount } = await client.query(
    `INSERT INTO "ConsoleSession"
       (id, "sessionId", "userId", "accountId", "serverId", kind, "viewOnly", "openedAt", "seenAt")
     SELECT $1, $2, $3, $4, $5, $6::"TicketKind", $7, ${NOW}, ${NOW}
     WHERE (SELECT count(*) FROM "ConsoleSession" c
            LEFT JOIN "Member" m ON m."userId" = c."userId" AND m."accountId" = c."accountId"
            WHERE c."seenAt" > ${NOW} - ${ALIVE}
              AND CASE WHEN m."userId" IS NULL THEN 'user ' || c."userId" ELSE 'account ' || c."accountId" END = $8
           ) < ${CONSOLES_PER_ACCOUNT}`,
    [id, sessionId, userId, row.accountId, serverId, kind, viewOnly, row.scope],
  );
  if (rowCount !== 1) return { ok: false, why: 'tooMany' };
  return { ok: true, hostId: row.hostId, userName: row.userName };
}

export async function leave(pool: Pool, ids: string[]): Promise<void> {
  await pool.query('DELETE FROM "ConsoleSession" WHERE id = ANY($1)', [ids]);
}

/** Says that these are open still, and takes away what a dead proxy left. */
export async function keepAlive(pool: Pool, ids: string[]): Promise<void> {
  await pool.query(`UPDATE "ConsoleSession" SET "seenAt" = ${NOW} WHERE id = ANY($1)`, [ids]);
  await pool.query(`DELETE FROM "ConsoleSession" WHERE "seenAt" < ${NOW} - ${FORGOTTEN}`);
}
