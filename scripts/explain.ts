/**
 * npm run -s explain ID: what the operator reads at 3 a.m. ID is an operation (op_…), a server, a request id or an
 * error id (E-…). Prints the request, the steps, what the agent and libvirt said, the events and the audit, in the
 * order in which they happened.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';

const data = process.env.TSUBO_DATA ?? '/var/lib/tsubo';
const id = process.argv[2];
if (id === undefined || id === '') {
  process.stderr.write('Usage: npm run -s explain ID   (an operation, a server, a request or an error id)\n');
  process.exit(2);
}

interface Line {
  at: Date;
  source: string;
  text: string;
}

function databaseUrl(): string {
  if (process.env.TSUBO_OWNER_URL !== undefined) return process.env.TSUBO_OWNER_URL;
  const file = join(data, 'etc/admin.env');
  const found = existsSync(file) ? readFileSync(file, 'utf8').match(/^DATABASE_URL=["']?([^"'\n]+)/m)?.[1] : undefined;
  if (found === undefined) {
    process.stderr.write(
      `No installation under ${data}: set TSUBO_DATA to its folder, or TSUBO_OWNER_URL to the database.\n`,
    );
    process.exit(2);
  }
  return found;
}

interface OperationRow {
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
}

async function fromDatabase(db: Client): Promise<{ lines: Line[]; ids: Set<string> }> {
  const lines: Line[] = [];
  const ids = new Set([id!]);
  const add = (at: Date | null, source: string, text: string) => at !== null && lines.push({ at, source, text });

  const operations = await db.query<OperationRow>(
    `SELECT * FROM "Operation" WHERE id = $1 OR "serverId" = $1 OR "requestId" = $1 ORDER BY "createdAt"`,
    [id],
  );
  for (const operation of operations.rows) {
    ids.add(operation.id);
    if (operation.requestId !== null) ids.add(operation.requestId);
    add(
      operation.createdAt,
      'operation',
      `${operation.id} ${operation.kind} of ${operation.serverId} asked by ${operation.actorKind} ${operation.requestedBy ?? ''}`,
    );
    add(
      operation.endedAt,
      'operation',
      `${operation.id} ${operation.state}${operation.errorCode === null ? '' : ` ${operation.errorCode}: ${operation.errorDetail}`}`,
    );
  }
  const operationIds = operations.rows.map((operation) => operation.id);
  const steps = await db.query(`SELECT * FROM "OperationStep" WHERE "operationId" = ANY($1) ORDER BY attempt, seq`, [
    operationIds,
  ]);
  for (const step of steps.rows) {
    const name = `${step.operationId}:${step.attempt} ${step.name}`;
    add(step.startedAt, 'step', `${name} began`);
    add(
      step.endedAt,
      'step',
      `${name} ${step.state}${step.hostWord === null ? '' : ` · the host said: ${step.hostWord}`}`,
    );
  }
  const subjects = [...operationIds.map((one) => `operation:${one}`), `server:${id}`];
  for (const event of (await db.query(`SELECT * FROM "Event" WHERE subject = ANY($1) ORDER BY id`, [subjects])).rows)
    add(event.createdAt, 'event', `${event.subject} ${event.kind}`);
  const audits = await db.query(`SELECT * FROM "Audit" WHERE subject = ANY($1) OR "requestId" = ANY($2) ORDER BY id`, [
    subjects,
    [...ids],
  ]);
  for (const audit of audits.rows)
    add(
      audit.at,
      'audit',
      `${audit.action} ${audit.phase} by ${audit.actorKind} ${audit.actorId ?? ''} from ${audit.ip ?? '?'}${audit.errorCode === null ? '' : ` ${audit.errorCode}`}`,
    );
  return { lines, ids };
}

/** Log lines that carry one of the ids, whichever field they stand in. */
function fromLogs(ids: Set<string>): Line[] {
  const folder = join(data, 'log');
  const lines: Line[] = [];
  for (const file of existsSync(folder) ? readdirSync(folder) : []) {
    for (const text of readFileSync(join(folder, file), 'utf8').split('\n')) {
      if (![...ids].some((one) => text.includes(one))) continue;
      try {
        const entry = JSON.parse(text) as Record<string, unknown>;
        const { time, msg, level: _, pid: __, hostname: ___, ...rest } = entry;
        lines.push({
          at: new Date(time as string | number),
          source: file.replace(/\.log.*$/, ''),
          text: `${String(msg ?? '')} ${JSON.stringify(rest)}`,
        });
      } catch {
        // Not a JSON line (a crash's own words): the operator finds it in the file itself.
      }
    }
  }
  return lines;
}

const db = new Client({ connectionString: databaseUrl() });
await db.connect();
const { lines, ids } = await fromDatabase(db).finally(() => db.end());
lines.push(...fromLogs(ids));
if (lines.length === 0) {
  process.stderr.write(`Nothing is known under ${id}.\n`);
  process.exit(1);
}
for (const line of lines.sort((a, b) => a.at.getTime() - b.at.getTime()))
  process.stdout.write(`${line.at.toISOString()}  ${line.source.padEnd(10)} ${line.text}\n`);
