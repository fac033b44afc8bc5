/** What each process's database user may and may not do: by SQL, whatever the services think of. */
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase, type TestRole } from '../server/testing/database.ts';
import { testDeps } from '../server/testing/deps.ts';
import { createPerson } from '../server/testing/people.ts';
import { createServerRow } from '../server/testing/server-row.ts';

async function query<R extends pg.QueryResultRow>(url: string, sql: string, values: unknown[] = []): Promise<R[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<R>(sql, values)).rows;
  } finally {
    await client.end();
  }
}

let test: TestDatabase;
const as = (role: TestRole, sql: string) => query(test.urlAs(role), sql);
beforeAll(async () => {
  test = await createTestDatabase();
  const deps = testDeps(test.db);
  const { accountId } = await createPerson(deps);
  const serverId = await createServerRow(deps, accountId);
  const [at, host] = [deps.clock.now(), { zoneId: 'test-zone', agentUrl: 'https://127.0.0.1:1' }];
  await test.db.host.create({ data: { id: 'hst_1', name: 'h', ...host } });
  await test.db.hostJoin.create({
    data: { id: 'jn_1', tokenHash: 't', hostId: 'hst_1', hostName: 'h', expiresAt: at, createdAt: at, ...host },
  });
  await test.db.operation.create({
    data: { id: 'op_1', kind: 'start', state: 'queued', input: {}, generation: 1, accountId, serverId, createdAt: at },
  });
  await test.db.operationAttempt.create({
    data: { operationId: 'op_1', attempt: 1, workflowId: 'op_1:1', direction: 'forward', createdAt: at },
  });
  await query(
    test.url,
    `INSERT INTO "Audit" ("entryId", "phase", "at", "actorKind", "action") VALUES ('e1', 'started', now(), 'system', 'x')`,
  );
  await query(
    test.url,
    `INSERT INTO "User" ("id", "name", "email", "createdAt", "updatedAt") VALUES ('usr_1', 'A', 'a@example.com', now(), now())`,
  );
});
afterAll(() => test.drop());

it.each(['tsubo_app', 'tsubo_worker', 'tsubo_proxy', 'tsubo_gateway'] as const)(
  '%s only adds to the audit log',
  async (role) => {
    await as(
      role,
      `INSERT INTO "Audit" ("entryId", "phase", "at", "actorKind", "action") VALUES ('by_${role}', 'started', now(), 'system', 'x')`,
    );
    await expect(as(role, `UPDATE "Audit" SET "action" = 'y'`)).rejects.toThrow(/permission denied/);
    await expect(as(role, `DELETE FROM "Audit"`)).rejects.toThrow(/permission denied/);
    await expect(as(role, `TRUNCATE "Audit"`)).rejects.toThrow(/permission denied/);
  },
);

it.each([
  ['tsubo_worker', 'SELECT "password" FROM "Credential"'],
  ['tsubo_worker', 'SELECT "token" FROM "Session"'],
  ['tsubo_proxy', 'SELECT "token" FROM "Session"'],
  ['tsubo_proxy', 'SELECT "password" FROM "Credential"'],
  ['tsubo_proxy', `UPDATE "Server" SET "intended" = 'stopped'`],
  ['tsubo_gateway', 'SELECT 1 FROM "Server"'],
  ['tsubo_gateway', `UPDATE "User" SET "staffRole" = 'admin'`],
  ['tsubo_app', 'UPDATE "Plan" SET "vcpu" = 99'],
  ['tsubo_app', 'UPDATE "PlanPrice" SET "yen" = 0'],
  ['tsubo_app', 'DELETE FROM "Server"'],
  ['tsubo_app', 'CREATE TABLE "Mine" ("id" int)'],
  // Whom hosts are, and what they say, is not the app's to decide.
  ['tsubo_app', `UPDATE "Host" SET "certFingerprint" = NULL`],
  ['tsubo_app', `UPDATE "Host" SET "agentUrl" = 'https://192.0.2.66'`],
  ['tsubo_app', `UPDATE "HostJoin" SET "hostId" = 'hst_other'`],
  ['tsubo_app', `UPDATE "HostJoin" SET "expiresAt" = now()`],
  ['tsubo_app', `UPDATE "HostJoin" SET "signedAt" = NULL`],
  ['tsubo_app', `INSERT INTO "HostJoin" SELECT * FROM "HostJoin"`],
  ['tsubo_app', `UPDATE "Placement" SET "observed" = 'off'`],
  ['tsubo_app', `UPDATE "OperationAttempt" SET "outcome" = 'x'`],
  ['tsubo_app', `UPDATE "OperationStep" SET "state" = 'done'`],
  ['tsubo_app', `UPDATE "Server" SET "accountId" = 'acc_other'`],
  ['tsubo_app', `UPDATE "Server" SET "passwordHash" = NULL`],
  ['tsubo_app', `UPDATE "Subscription" SET "activatedAt" = NULL`],
  ['tsubo_app', `UPDATE "AddressHold" SET "until" = now()`],
  ['tsubo_app', `UPDATE "Volume" SET "deletedAt" = now()`],
  ['tsubo_app', 'SELECT 1 FROM "dbos"."workflow_status"'],
  ['tsubo_app', `UPDATE "dbos"."workflow_status" SET "status" = 'CANCELLED'`],
  ['tsubo_app', 'DELETE FROM "dbos"."workflow_status"'],
  ['tsubo_app', `SELECT dbos.enqueue_workflow('w', 'q')`],
  ['tsubo_app', `SELECT dbos.send_message('op_1:1', '{}'::json, 'signal')`],
  ['tsubo_proxy', 'SELECT "subject" FROM "Audit"'],
  ['tsubo_gateway', 'SELECT "ip" FROM "Audit"'],
  // It shows what is open, may say that one is to end, and takes no other part in it; the worker takes a picture away without seeing it.
  ['tsubo_app', 'DELETE FROM "ConsoleSession"'],
  ['tsubo_app', `UPDATE "ConsoleSession" SET "viewOnly" = false`],
  ['tsubo_worker', `UPDATE "ConsoleSession" SET "endedAt" = now()`],
  ['tsubo_app', `UPDATE "Screen" SET "png" = ''`],
  ['tsubo_worker', 'SELECT "png" FROM "Screen"'],
  ['tsubo_gateway', 'SELECT "png" FROM "Screen"'],
  ['tsubo_proxy', 'DELETE FROM "Screen"'],
  // A key never changes, and the door only looks who holds one.
  ['tsubo_app', `UPDATE "UserKey" SET "userId" = 'usr_other'`],
  ['tsubo_proxy', 'DELETE FROM "UserKey"'],
  ['tsubo_worker', 'SELECT 1 FROM "UserKey"'],
  ['tsubo_proxy', `SELECT tsubo_enqueue('op_1', 1, 'w')`],
  ['tsubo_worker', 'CREATE TABLE "Mine" ("id" int)'],
] as const)('%s may not: %s', async (role, sql) => {
  await expect(as(role, sql)).rejects.toThrow(/permission denied/);
});

it('lets the app start an attempt that it has written, and nothing else', async () => {
  await expect(as('tsubo_app', `SELECT tsubo_enqueue('op_1', 2, 'w')`)).rejects.toThrow(/no attempt 2/);
  await expect(as('tsubo_app', `SELECT tsubo_enqueue('op_none', 1, 'w')`)).rejects.toThrow(/no attempt 1/);
  await as('tsubo_app', `SELECT tsubo_enqueue('op_1', 1, 'start-1')`);
  expect(
    await as('tsubo_worker', 'SELECT "workflow_uuid", "status", "name", "queue_name" FROM dbos.workflow_status'),
  ).toEqual([{ workflow_uuid: 'op_1:1', status: 'ENQUEUED', name: 'start-1', queue_name: 'operations' }]);
});

it('a taken-over app cannot have a key of its own signed for a host that has joined', async () => {
  const ask = `UPDATE "HostJoin" SET "state" = 'requested', "csrPem" = 'theirs', "agentUrl" = 'https://192.0.2.66'`;
  await as('tsubo_app', `UPDATE "HostJoin" SET "state" = 'requested', "csrPem" = 'the host''s', "requestedAt" = now()`);
  await expect(as('tsubo_app', ask)).rejects.toThrow(/HostJoin_forward/);
  await as('tsubo_worker', `UPDATE "HostJoin" SET "state" = 'signed', "certPem" = 'c', "signedAt" = now()`);
  await expect(as('tsubo_app', ask)).rejects.toThrow(/HostJoin_forward/);
  await as('tsubo_app', `UPDATE "HostJoin" SET "state" = 'refused'`);
  await expect(as('tsubo_app', ask)).rejects.toThrow(/HostJoin_forward/);
});
