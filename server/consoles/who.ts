import type { Deps } from '../deps.ts';
import type { OpenConsole, WhoOutput } from './schema.ts';

/** A proxy says every few seconds what it holds; what was not said for so long went with its proxy. */
const ALIVE_SECONDS = 30;

/** Who has consoles of this account's server open. */
export async function whoIsThere({ db }: Deps, accountId: string, serverId: string): Promise<WhoOutput> {
  // By the database's clock: it wrote the times, for proxies on any machine.
  const rows = await db.$queryRaw<(Omit<OpenConsole, 'openedAt'> & { openedAt: Date })[]>`
    SELECT c."kind"::text AS "kind", c."serverId", s."name" AS "serverName", c."userId", u."name" AS "userName",
      c."viewOnly", c."openedAt"
    FROM "ConsoleSession" c JOIN "Server" s ON s."id" = c."serverId" JOIN "User" u ON u."id" = c."userId"
    WHERE c."accountId" = ${accountId}
      AND c."seenAt" > clock_timestamp() AT TIME ZONE 'UTC' - ${ALIVE_SECONDS} * interval '1 second'
    ORDER BY c."openedAt", c."id"`;
  return {
    here: rows
      .filter((row) => row.serverId === serverId)
      .map(({ openedAt, ...row }) => ({ ...row, openedAt: openedAt.toISOString() })),
    servers: [...new Set(rows.map((row) => row.serverName))],
  };
}
