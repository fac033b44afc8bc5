/**
 * Who comes by which key: the door's questions to the database. A key may be several people's (one person with two
 * logins). Staff come in as members of an account only: who acts for a customer gives a reason, which is asked in the
 * panel.
 */
import type { Pool } from 'pg';
import type { ConsoleEnding } from '../contract/messages.ts';
import { ENDED, ENDING } from '../permission.ts';

export type Place = {
  keyId: string;
  userId: string;
  userName: string;
  email: string;
  locale: 'ja' | 'en';
  accountName: string;
  /** Null: somebody with a key and without a server. */
  server: { id: string; name: string; accountId: string; observed: string } | null;
  viewOnly: boolean;
};

type Row = Omit<Place, 'server' | 'locale'> & {
  locale: string;
  serverId: string | null;
  serverName: string;
  accountId: string;
  observed: string | null;
};

const MANY = 500;

/**
 * Where the holders of a key may go: to this server, or, when none is named, to any of theirs. Who may type comes
 * first. Empty: nowhere, whether the key, the server or only the right to it is missing.
 */
export async function placesOf(pool: Pool, fingerprint: string, serverId: string | null): Promise<Place[]> {
  const { rows } = await pool.query<Row>(
    `SELECT k.id AS "keyId", u.id AS "userId", u.name AS "userName", u.email, u.locale, a.name AS "accountName",
       v.id AS "serverId", v.name AS "serverName", v."accountId", p.observed::text AS observed,
       COALESCE(m.role NOT IN ('owner', 'operator'), true) AS "viewOnly"
     FROM "UserKey" k
     JOIN "User" u ON u.id = k."userId"
     LEFT JOIN "Member" m ON m."userId" = u.id
     LEFT JOIN "Account" a ON a.id = m."accountId"
     LEFT JOIN "Server" v ON v."accountId" = a.id AND NOT v."intendedDeleted" AND v."deletedAt" IS NULL
     LEFT JOIN "Placement" p ON p."serverId" = v.id AND p."endedAt" IS NULL
     WHERE k.fingerprint = $1 AND ($2::text IS NULL OR v.id = $2)
     ORDER BY "viewOnly", k."createdAt", k.id, v.name, v.id
     LIMIT ${MANY}`,
    [fingerprint, serverId],
  );
  return rows.map(({ serverId: id, serverName, accountId, observed, locale, ...who }) => ({
    ...who,
    locale: locale === 'en' ? 'en' : 'ja',
    server: id === null ? null : { id, name: serverName, accountId, observed: observed ?? 'unknown' },
  }));
}

/** What somebody who is in was let in by. `serverId` null: still choosing. */
export type Guest = { id: string; keyId: string; userId: string; serverId: string | null; viewOnly: boolean };
export type GuestStanding = 'good' | 'keyGone' | 'permissionGone' | 'deleted' | 'ended';
/** `ending`: who ended it, of one that is `ended`. */
export type GuestFound = { standing: GuestStanding; ending: ConsoleEnding | null };

/** One question for all that are in. @returns by id */
export async function guestStandings(pool: Pool, guests: Guest[]): Promise<Map<string, GuestFound>> {
  if (guests.length === 0) return new Map();
  const { rows } = await pool.query<{ id: string } & GuestFound>(
    `SELECT q.id, CASE
       WHEN k.id IS NULL THEN 'keyGone'
       WHEN q."serverId" IS NULL THEN 'good'
       WHEN v.id IS NULL OR v."intendedDeleted" OR v."deletedAt" IS NOT NULL THEN 'deleted'
       WHEN m."userId" IS NULL OR NOT (q."viewOnly" OR m.role IN ('owner', 'operator')) THEN 'permissionGone'
       WHEN c."endedAt" IS NOT NULL THEN 'ended'
       ELSE 'good' END AS standing, ${ENDING}
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::boolean[])
       AS q(id, "keyId", "userId", "serverId", "viewOnly")
     LEFT JOIN "UserKey" k ON k.id = q."keyId" AND k."userId" = q."userId"
     LEFT JOIN "Server" v ON v.id = q."serverId"
     LEFT JOIN "Member" m ON m."userId" = q."userId" AND m."accountId" = v."accountId" ${ENDED}`,
    [
      guests.map(({ id }) => id),
      guests.map(({ keyId }) => keyId),
      guests.map(({ userId }) => userId),
      guests.map(({ serverId }) => serverId),
      guests.map(({ viewOnly }) => viewOnly),
    ],
  );
  return new Map(rows.map(({ id, ...found }) => [id, found]));
}

/** The host that has it now; null: none (it is being made). */
export async function hostOf(pool: Pool, serverId: string): Promise<string | null> {
  const { rows } = await pool.query<{ hostId: string }>(
    'SELECT "hostId" FROM "Placement" WHERE "serverId" = $1 AND "endedAt" IS NULL',
    [serverId],
  );
  return rows[0]?.hostId ?? null;
}

/** Entering is an act: written before it happens, with the key and from where. */
export async function recordEntry(
  pool: Pool,
  entry: { id: string; userId: string; accountId: string; serverId: string; ip: string; at: Date; after: object },
): Promise<void> {
  await pool.query(
    `INSERT INTO "Audit" ("entryId", phase, at, "actorKind", "actorId", "accountId", action, subject, ip, after)
     SELECT $1, phase, $2, 'user', $3, $4, 'consoles.ssh', $5, $6,
       CASE WHEN phase = 'completed' THEN $7::jsonb END
     FROM unnest(ARRAY['started', 'completed']) AS phase`,
    [
      ...[entry.id, entry.at.toISOString().slice(0, -1), entry.userId, entry.accountId, `server:${entry.serverId}`],
      ...[entry.ip, JSON.stringify(entry.after)],
    ],
  );
}
