import type { Deps } from '../deps.ts';
import { Prisma } from '../generated/prisma/client.ts';
import type { OpenConsole, StaffConsoleView, WhoOutput } from './schema.ts';

/** A proxy says every few seconds what it holds; what was not said for so long went with its proxy. */
const ALIVE_SECONDS = 30;

type Row = Omit<StaffConsoleView, 'openedAt'> & { openedAt: Date };

/** Those that are open now and shall stay so; the longest open first. */
function openConsoles({ db }: Deps, where: Prisma.Sql): Promise<Row[]> {
  // By the database's clock: it wrote the times, for proxies on any machine.
  return db.$queryRaw<Row[]>`
    SELECT c."id", c."kind"::text AS "kind", c."sessionId" IS NULL AS "ssh", c."serverId", s."name" AS "serverName",
      c."accountId", a."name" AS "accountName", c."userId", u."name" AS "userName", m."userId" IS NULL AS "isStaff",
      c."viewOnly", c."openedAt"
    FROM "ConsoleSession" c JOIN "Server" s ON s."id" = c."serverId" JOIN "Account" a ON a."id" = c."accountId"
    JOIN "User" u ON u."id" = c."userId"
    LEFT JOIN "Member" m ON m."userId" = c."userId" AND m."accountId" = c."accountId"
    WHERE ${where} AND c."endedAt" IS NULL
      AND c."seenAt" > clock_timestamp() AT TIME ZONE 'UTC' - ${ALIVE_SECONDS} * interval '1 second'
    ORDER BY c."openedAt", c."id"`;
}

/** Who has consoles of this account's server open. */
export async function whoIsThere(deps: Deps, accountId: string, serverId: string): Promise<WhoOutput> {
  const rows = await openConsoles(deps, Prisma.sql`c."accountId" = ${accountId}`);
  const here = rows.filter((row) => row.serverId === serverId);
  return { here: here.map(forCustomer), servers: [...new Set(rows.map((row) => row.serverName))] };
}

const forCustomer = (row: Row): OpenConsole => ({
  ...row,
  userName: row.isStaff ? null : row.userName,
  openedAt: row.openedAt.toISOString(),
});

/** For staff: all that are open, or those of one server. */
export async function listOpenConsoles(deps: Deps, serverId: string | undefined): Promise<StaffConsoleView[]> {
  const rows = await openConsoles(
    deps,
    serverId === undefined ? Prisma.sql`true` : Prisma.sql`c."serverId" = ${serverId}`,
  );
  return rows.map((row) => ({ ...row, openedAt: row.openedAt.toISOString() }));
}
