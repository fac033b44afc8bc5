/**
 * The one checker of "nothing lost, nothing doubled, nothing left over" (DESIGN 2): holds the machine against the
 * database and answers every disagreement as a sentence. Meant for a quiet moment: no operation runs any more.
 */
import type { Client } from 'pg';
import type { Machine } from './machine.ts';

interface ServerRow {
  id: string;
  domainUuid: string;
  intended: 'running' | 'stopped';
  alive: boolean;
  observed: string | null;
  openPlacements: number;
  volumes: string[];
  v4: string[];
  v6: string[];
  macs: string[];
  subscription: string | null;
  createState: string;
}

const serversQuery = `
  SELECT s.id, s."domainUuid", s.intended,
    (s."deletedAt" IS NULL AND c.state = 'succeeded') AS alive, c.state AS "createState",
    (SELECT p.observed FROM "Placement" p WHERE p."serverId" = s.id AND p."endedAt" IS NULL LIMIT 1) AS observed,
    (SELECT count(*)::int FROM "Placement" p WHERE p."serverId" = s.id AND p."endedAt" IS NULL) AS "openPlacements",
    ARRAY(SELECT v.id FROM "Volume" v WHERE v."serverId" = s.id AND v."deletedAt" IS NULL) AS volumes,
    ARRAY(SELECT a.address FROM "AddressHold" h JOIN "Address" a ON a.id = h."addressId"
      WHERE h."serverId" = s.id AND h."until" IS NULL AND a.family = 'v4') AS v4,
    ARRAY(SELECT a.address FROM "AddressHold" h JOIN "Address" a ON a.id = h."addressId"
      WHERE h."serverId" = s.id AND h."until" IS NULL AND a.family = 'v6') AS v6,
    ARRAY(SELECT v.mac FROM "Vif" v WHERE v."serverId" = s.id) AS macs,
    (SELECT x.state FROM "Subscription" x WHERE x."serverId" = s.id)::text AS subscription
  FROM "Server" s
  JOIN LATERAL (SELECT o.state FROM "Operation" o WHERE o."serverId" = s.id AND o.kind = 'create'
    ORDER BY o."createdAt" LIMIT 1) c ON true`;

/** Kinds of trace that a living server must have exactly once. */
const perServer = ['disk', 'filter', 'lease'] as const;

export async function findViolations(machine: Machine, db: Client): Promise<string[]> {
  const found: string[] = [];
  const servers = (await db.query<ServerRow>(serversQuery)).rows;
  const known = new Set(servers.map((server) => server.id));

  for (const server of servers)
    found.push(...(server.alive ? aliveViolations(server, machine) : deadViolations(server, machine)));

  for (const id of machine.domains.keys()) if (!known.has(id)) found.push(`domain ${id}: no server has this id`);
  for (const id of new Set(machine.qemus)) if (!known.has(id)) found.push(`QEMU of ${id}: no server has this id`);
  for (const [id, traces] of machine.traces)
    if (!known.has(id)) found.push(...traces.map((trace) => `${trace}: no server has this id`));

  const living = new Set(servers.filter((server) => server.alive).flatMap((server) => server.macs));
  for (const { address, mac } of machine.neighbours)
    if (!living.has(mac)) found.push(`neighbour entry of nobody: ${address} at ${mac}`);

  found.push(...(await databaseViolations(db)));
  return found;
}

function aliveViolations(server: ServerRow, machine: Machine): string[] {
  const found: string[] = [];
  const say = (sentence: string) => found.push(`server ${server.id}: ${sentence}`);
  const domain = machine.domains.get(server.id);
  if (domain === undefined) say('its domain is lost');
  else if (domain.uuid !== server.domainUuid) say(`its domain has another uuid ${domain.uuid}`);
  const running = domain?.state === 'running';
  const bodies = machine.qemus.filter((id) => id === server.id).length;
  if (bodies !== (running ? 1 : 0)) say(`${bodies} QEMU processes while libvirt says ${domain?.state ?? 'nothing'}`);
  if (domain !== undefined && (server.observed === 'running') !== running)
    say(`database says ${server.observed}, libvirt says ${domain.state}`);
  if (domain !== undefined && (server.intended === 'running') !== running)
    say(`should be ${server.intended}, libvirt says ${domain.state}`);

  const traces = machine.traces.get(server.id) ?? [];
  const count = (kind: string) => traces.filter((trace) => trace.startsWith(`${kind} `)).length;
  for (const kind of perServer) if (count(kind) !== 1) say(`${count(kind)} × ${kind}`);
  if (count('tap') !== (running ? 1 : 0)) say(`${count('tap')} taps while ${running ? 'running' : 'off'}`);
  if (count('ebtables') !== (running ? 1 : 0))
    say(`${count('ebtables')} filter chains while ${running ? 'running' : 'off'}`);
  if (count('seed') > 1) say(`${count('seed')} seeds`);
  for (const volume of server.volumes)
    if (!traces.some((trace) => trace.startsWith('disk ') && trace.includes(volume)))
      say(`volume ${volume} has no file`);
  if (server.volumes.length !== 1) say(`${server.volumes.length} volume rows`);
  for (const address of [...server.v4, ...server.v6])
    if (!machine.neighbours.some((entry) => entry.address === address && server.macs.includes(entry.mac)))
      say(`no neighbour entry for ${address}`);

  if (server.v4.length !== 1 || server.v6.length !== 1)
    say(`holds ${server.v4.length} IPv4 and ${server.v6.length} IPv6 addresses`);
  if (server.openPlacements !== 1) say(`${server.openPlacements} open placements`);
  if (server.subscription !== 'active') say(`subscription is ${server.subscription}`);
  return found;
}

function deadViolations(server: ServerRow, machine: Machine): string[] {
  const found: string[] = [];
  const say = (sentence: string) => found.push(`server ${server.id} (gone): ${sentence}`);
  if (machine.domains.has(server.id)) say('its domain is still there');
  if (machine.qemus.includes(server.id)) say('its QEMU still runs');
  for (const trace of machine.traces.get(server.id) ?? []) say(`still there: ${trace}`);
  if (server.v4.length + server.v6.length > 0) say(`still holds ${[...server.v4, ...server.v6].join(', ')}`);
  if (server.openPlacements !== 0) say('has an open placement');
  if (server.volumes.length !== 0) say(`has volume rows ${server.volumes.join(', ')}`);
  if (server.subscription === 'active') say('its subscription is still active');
  return found;
}

async function databaseViolations(db: Client): Promise<string[]> {
  const questions: [sql: string, sentence: (row: Record<string, unknown>) => string][] = [
    [
      `SELECT id, kind, state FROM "Operation" WHERE state IN ('queued', 'running', 'stuck')`,
      (row) => `operation ${row.id} (${row.kind}) has not ended: ${row.state}`,
    ],
    [
      `SELECT s."operationId", s.name FROM "OperationStep" s JOIN "Operation" o ON o.id = s."operationId" AND o.attempt = s.attempt
        WHERE s.state = 'running' AND o.state NOT IN ('queued', 'running')`,
      (row) => `step ${row.name} of the ended operation ${row.operationId} still runs`,
    ],
    [
      `SELECT "addressId", count(*)::int AS n FROM "AddressHold" WHERE "until" IS NULL GROUP BY 1 HAVING count(*) > 1`,
      (row) => `address ${row.addressId} is held ${row.n} times`,
    ],
    [
      `SELECT h.id, h."serverId" FROM "AddressHold" h LEFT JOIN "Server" s ON s.id = h."serverId"
        WHERE h."until" IS NULL AND (s.id IS NULL OR s."deletedAt" IS NOT NULL)`,
      (row) => `address hold ${row.id} of the gone server ${row.serverId} is open`,
    ],
    [
      `SELECT workflow_uuid, status FROM dbos.workflow_status WHERE status IN ('PENDING', 'ENQUEUED', 'DELAYED')`,
      (row) => `workflow ${row.workflow_uuid} is ${row.status}`,
    ],
  ];
  const found: string[] = [];
  for (const [sql, sentence] of questions) for (const row of (await db.query(sql)).rows) found.push(sentence(row));
  return found;
}
