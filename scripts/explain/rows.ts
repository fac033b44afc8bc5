/** What the database knows under some ids. Columns that may hold a person's secrets are not read at all. */
import type { Client } from 'pg';
import type { Span } from './logs.ts';
import type { Moment } from './moment.ts';
import { withoutSecrets } from './secrets.ts';

type Found = {
  /** What is true now, one sentence per operation and server. */
  now: string[];
  moments: Moment[];
  /** All that the rows are known by in logs: operations and requests. */
  ids: Set<string>;
  spans: Span[];
};

type OperationRow = {
  id: string;
  kind: string;
  state: string;
  serverId: string | null;
  requestId: string | null;
  requestedBy: string | null;
  actorKind: string;
  attempt: number;
  errorCode: string | null;
  errorDetail: string | null;
  createdAt: Date;
  endedAt: Date | null;
};

const OPERATIONS = `
  SELECT id, kind::text, state::text, "serverId", "requestId", "requestedBy", "actorKind", attempt, "errorCode",
    "errorDetail", "createdAt", "endedAt"
  FROM "Operation" WHERE id = ANY($1) OR "serverId" = ANY($1) OR "requestId" = ANY($1) ORDER BY "createdAt"`;
const SERVERS = `
  SELECT s.id, s.name, s."accountId", s.intended::text, s."needsAttention", s."deletedAt", p.observed::text, p.reason,
    p."observedAt", h.name AS host
  FROM "Server" s
  LEFT JOIN "Placement" p ON p."serverId" = s.id AND p."endedAt" IS NULL
  LEFT JOIN "Host" h ON h.id = p."hostId"
  WHERE s.id = ANY($1)`;
const ATTEMPTS = `
  SELECT "operationId", attempt, direction, outcome, "createdAt", "endedAt" FROM "OperationAttempt"
  WHERE "operationId" = ANY($1) ORDER BY attempt`;
const STEPS = `
  SELECT "operationId", attempt, name, state::text, "hostWord", "startedAt", "endedAt" FROM "OperationStep"
  WHERE "operationId" = ANY($1) ORDER BY attempt, seq`;
/** A server's events are told where the server was asked for, or while one of the operations was under way. */
const EVENTS = `
  SELECT subject, kind, "createdAt" FROM "Event" e
  WHERE subject = ANY($1) OR EXISTS (
    SELECT FROM "Operation" o WHERE o.id = ANY($2) AND e.subject = 'server:' || o."serverId"
      AND e."createdAt" BETWEEN o."createdAt" AND COALESCE(o."endedAt", 'infinity'))
  ORDER BY id`;
const AUDITS = `
  SELECT at, action, phase, "actorKind", "actorId", reason, ip, "errorCode" FROM "Audit"
  WHERE subject = ANY($1) OR "requestId" = ANY($2) ORDER BY id`;

export async function momentsInDatabase(db: Client, asked: ReadonlySet<string>): Promise<Found> {
  const found: Found = { now: [], moments: [], ids: new Set(asked), spans: [] };
  const add = (at: Date | null, source: string, ...words: unknown[]) => {
    const said = words.filter((word) => word !== null && word !== undefined && word !== '');
    if (at !== null) found.moments.push({ at, source, text: withoutSecrets(said.join(' ')) });
  };

  const operations = (await db.query<OperationRow>(OPERATIONS, [[...asked]])).rows;
  for (const one of operations) {
    found.ids.add(one.id);
    if (one.requestId !== null) found.ids.add(one.requestId);
    if (one.serverId !== null) found.spans.push({ serverId: one.serverId, from: one.createdAt, to: one.endedAt });
    const why = one.errorCode === null ? '' : `${one.errorCode}: ${one.errorDetail}`;
    add(one.createdAt, 'operation', one.id, one.kind, 'of', one.serverId, 'asked by', one.actorKind, one.requestedBy);
    add(one.endedAt, 'operation', one.id, one.state, why);
    found.now.push(
      withoutSecrets(
        `operation ${one.id}: ${one.kind} of server ${one.serverId}, ${one.state}, attempt ${one.attempt}${why && `; ${why}`}`,
      ),
    );
  }
  const operationIds = operations.map(({ id }) => id);
  const serverIds = [...asked, ...operations.flatMap(({ serverId }) => serverId ?? [])];
  for (const server of (await db.query(SERVERS, [serverIds])).rows) found.now.push(serverNow(server));

  for (const one of (await db.query(ATTEMPTS, [operationIds])).rows) {
    const name = `${one.operationId}:${one.attempt}`;
    add(one.createdAt, 'attempt', name, one.direction === 'undo' ? 'undo' : 'forward', 'queued');
    add(one.endedAt, 'attempt', name, one.outcome);
  }
  for (const one of (await db.query(STEPS, [operationIds])).rows) {
    const name = `${one.operationId}:${one.attempt} ${one.name}`;
    const word = one.hostWord === null ? '' : `· the host said: ${one.hostWord}`;
    add(one.startedAt, 'step', name, 'began');
    add(one.endedAt, 'step', name, one.state, word);
    // What a step that never ended heard last is the very thing that is looked for.
    if (one.endedAt === null && word) add(one.startedAt, 'step', name, one.state, word);
  }
  const subjects = [...operationIds.map((id) => `operation:${id}`), ...[...asked].map((id) => `server:${id}`)];
  for (const one of (await db.query(EVENTS, [subjects, operationIds])).rows)
    add(one.createdAt, 'event', one.subject, one.kind);
  for (const one of (await db.query(AUDITS, [subjects, [...found.ids]])).rows) {
    const from = one.ip === null ? '' : `from ${one.ip}`;
    const reason = one.reason === null ? '' : `because: ${one.reason}`;
    add(one.at, 'audit', one.action, one.phase, 'by', one.actorKind, one.actorId, from, one.errorCode, reason);
  }
  return found;
}

function serverNow(server: Record<string, unknown>): string {
  const { id, name, accountId, intended, observed, reason, host, needsAttention, deletedAt } = server;
  const observedAt = server.observedAt instanceof Date ? ` at ${server.observedAt.toISOString()}` : '';
  const body = observed === null ? 'no body' : `on ${host}, observed ${observed} (${reason})${observedAt}`;
  const more = [needsAttention ? `needs attention: ${needsAttention}` : '', deletedAt ? 'deleted' : ''];
  const said = [`intended ${intended}`, body, ...more].filter(Boolean).join(', ');
  return withoutSecrets(`server ${id}: ${name} of account ${accountId}, ${said}`);
}
