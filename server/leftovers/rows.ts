/**
 * What the database says, as plain data for the rules. SQL and not a client's models: the harness asks through
 * Prisma, the crash bench and e2e as the database's owner, and both must read the same.
 */
import { z } from 'zod';

const server = z.object({
  id: z.string(),
  domainUuid: z.string(),
  intended: z.enum(['running', 'stopped']),
  generation: z.int(),
  needsAttention: z.boolean(),
  /** Made and not given back. Anything else is to be gone from both sides. */
  alive: z.boolean(),
  /** A delete has had the host's word for things that it took away. */
  removed: z.boolean(),
  placements: z.array(z.object({ hostId: z.string(), observed: z.string(), reason: z.string(), generation: z.int() })),
  volumes: z.array(z.string()),
  v4: z.array(z.string()),
  v6: z.array(z.string()),
  macs: z.array(z.string()),
  subscription: z.string().nullable(),
});
export type ServerRow = z.infer<typeof server>;

const rows = z.object({
  servers: z.array(server),
  operations: z.array(
    z.object({
      id: z.string(),
      kind: z.string(),
      state: z.string(),
      attempt: z.int(),
      openAttempts: z.array(z.int()),
      runningSteps: z.array(z.string()),
      /** Attempts that ended, and whose entry in the audit log did not. */
      openAudits: z.array(z.int()),
    }),
  ),
  doubleHolds: z.array(z.object({ address: z.string(), holds: z.int() })),
  tickets: z.array(z.object({ hash: z.string(), serverId: z.string(), expired: z.boolean() })),
  /** Consoles that are said to be open; stale: no proxy has said so for a while. */
  consoles: z.array(z.object({ id: z.string(), serverId: z.string(), stale: z.boolean() })),
  /** Servers that a last screen is kept of. */
  screens: z.array(z.string()),
});
const workflow = z.object({ id: z.string(), status: z.string() });

export type Rows = z.infer<typeof rows> & {
  /** Those that have not ended; null: something else than DBOS makes the operations here. */
  workflows: z.infer<typeof workflow>[] | null;
};

/** Asks one question whose answer is one row with a column `answer`. */
export type Ask = (sql: string) => Promise<unknown>;

const many = (sql: string) => `(SELECT coalesce(json_agg(q), '[]') FROM (${sql}) q)`;
const list = (sql: string) => `(SELECT coalesce(json_agg(q.v), '[]') FROM (${sql}) q)`;
const held = (family: 'v4' | 'v6') =>
  list(`SELECT a.address AS v FROM "AddressHold" h JOIN "Address" a ON a.id = h."addressId"
    WHERE h."serverId" = s.id AND h."until" IS NULL AND a.family = '${family}'`);

const servers = `
  SELECT s.id, s."domainUuid", s.intended, s.generation, s."needsAttention" IS NOT NULL AS "needsAttention",
    s."deletedAt" IS NULL AND coalesce((SELECT o.state = 'succeeded' FROM "Operation" o
      WHERE o."serverId" = s.id AND o.kind = 'create' ORDER BY o."createdAt" LIMIT 1), false) AS alive,
    EXISTS (SELECT FROM "Operation" o JOIN "OperationStep" t ON t."operationId" = o.id
      WHERE o."serverId" = s.id AND o.kind = 'delete' AND o.state = 'succeeded' AND t.name = 'remove'
        AND t.state = 'done' AND t.output::text LIKE '%domain%') AS removed,
    ${many(`SELECT p."hostId", p.observed, p.reason, p.generation FROM "Placement" p
      WHERE p."serverId" = s.id AND p."endedAt" IS NULL`)} AS placements,
    ${list(`SELECT v.id AS v FROM "Volume" v WHERE v."serverId" = s.id AND v."deletedAt" IS NULL`)} AS volumes,
    ${held('v4')} AS v4, ${held('v6')} AS v6,
    ${list(`SELECT i.mac AS v FROM "Vif" i WHERE i."serverId" = s.id`)} AS macs,
    (SELECT x.state::text FROM "Subscription" x WHERE x."serverId" = s.id) AS subscription
  FROM "Server" s`;

const openAudit = `FROM "OperationAttempt" a JOIN "Audit" b ON b."entryId" = a."operationId" || '.' || a.attempt
  WHERE a."operationId" = o.id AND a."endedAt" IS NOT NULL AND b.phase = 'started'
    AND NOT EXISTS (SELECT FROM "Audit" e WHERE e."entryId" = b."entryId" AND e.phase <> 'started')`;

/** Only those that something is to be said of. */
const operations = `
  SELECT o.id, o.kind, o.state, o.attempt,
    ${list(`SELECT a.attempt AS v FROM "OperationAttempt" a WHERE a."operationId" = o.id AND a."endedAt" IS NULL`)} AS "openAttempts",
    ${list(`SELECT t.name AS v FROM "OperationStep" t WHERE t."operationId" = o.id AND t.state = 'running'`)} AS "runningSteps",
    ${list(`SELECT a.attempt AS v ${openAudit}`)} AS "openAudits"
  FROM "Operation" o
  WHERE o.state IN ('queued', 'running', 'stuck')
    OR EXISTS (SELECT FROM "OperationAttempt" a WHERE a."operationId" = o.id AND a."endedAt" IS NULL)
    OR EXISTS (SELECT FROM "OperationStep" t WHERE t."operationId" = o.id AND t.state = 'running')
    OR EXISTS (SELECT ${openAudit})`;

const doubleHolds = `
  SELECT a.address, count(*)::int AS holds FROM "AddressHold" h JOIN "Address" a ON a.id = h."addressId"
  WHERE h."until" IS NULL GROUP BY 1 HAVING count(*) > 1`;

const tickets = `SELECT t.hash, t."serverId", t."expiresAt" < (now() AT TIME ZONE 'UTC') AS expired FROM "Ticket" t`;

const consoles = `SELECT c.id, c."serverId", c."seenAt" < (now() AT TIME ZONE 'UTC') - interval '60 s' AS stale
  FROM "ConsoleSession" c`;

const question = `SELECT json_build_object('servers', ${many(servers)}, 'operations', ${many(operations)},
  'doubleHolds', ${many(doubleHolds)}, 'tickets', ${many(tickets)},
  'consoles', ${many(consoles)}, 'screens', ${list(`SELECT n."serverId" AS v FROM "Screen" n`)}) AS answer`;

const workflowsQuestion = `SELECT ${many(
  `SELECT workflow_uuid AS id, status FROM dbos.workflow_status WHERE status IN ('PENDING', 'ENQUEUED', 'DELAYED')`,
)} AS answer`;

/** @param by what makes the operations: where it is not DBOS, its rows mean nothing */
export async function readRows(ask: Ask, by: { dbos: boolean }): Promise<Rows> {
  return {
    ...rows.parse(await ask(question)),
    workflows: by.dbos ? z.array(workflow).parse(await ask(workflowsQuestion)) : null,
  };
}
