/** Data from before a migration goes through it: put right where a rule came that it did not keep. */
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createEmptyDatabase } from '../server/testing/database.ts';
import { migrate, readMigrations } from './migrate.ts';

const folder = join(import.meta.dirname, 'migrations');
const NAME = '20261125000100_rules_and_grants';
const HEX = 'a'.repeat(64);

let database: Awaited<ReturnType<typeof createEmptyDatabase>>;
let client: pg.Client;
let before: string;
const rows = async (sql: string) => (await client.query({ text: sql, rowMode: 'array' })).rows;

beforeAll(async () => {
  database = await createEmptyDatabase();
  before = mkdtempSync(join(tmpdir(), 'tsubo-upgrade-'));
  for (const { name } of readMigrations(folder).filter((migration) => migration.name < NAME)) {
    mkdirSync(join(before, name));
    cpSync(join(folder, name, 'migration.sql'), join(before, name, 'migration.sql'));
  }
  await migrate(database.url, before);
  client = new pg.Client({ connectionString: database.url, options: '-c TimeZone=UTC' });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await database.drop();
  rmSync(before, { recursive: true });
});

/** Ordered on 1 June at 23:59:30 in Japan. */
const server = (id: string, more: string) => `
  INSERT INTO "Server" ("id", "accountId", "name", "hostname", "zoneId", "planId", "imageId", "domainUuid", "intended",
    "intendedDeleted", "sshKeys", "createdAt", "deletedAt")
    VALUES ('${id}', 'acc', '${id}', 'h', 'z', 'p', 'i', '${id}', 'running', ${more.includes('delete')}, '[]', now(), NULL);
  INSERT INTO "Subscription" VALUES ('sub_${id}', 'acc', '${id}', 'pp', 'active', '2026-06-01', '2026-06-01 14:59:30');
  ${more.replaceAll('$id', id)}`;
const operation = (kind: string, state: string, created: string, ended: string) => `
  INSERT INTO "Operation" ("id", "accountId", "serverId", "kind", "state", "input", "generation", "createdAt", "endedAt")
    VALUES ('op_$id_${kind}', 'acc', '$id', '${kind}', '${state}', '{}', 1, '2026-${created}', '2026-${ended}');`;
const created = operation('create', 'succeeded', '06-01 14:59:30', '06-01 15:00:05');
const ended = (at: string) =>
  `UPDATE "Subscription" SET "state" = 'ended', "endedAt" = '2026-${at}' WHERE "serverId" = '$id';`;

it('rows that no rule kept', async () => {
  await client.query(`
    INSERT INTO "Account" VALUES ('acc', 'a', 'Asia/Tokyo', now()), ('acc_2', 'b', 'Asia/Tokyo', now());
    INSERT INTO "Zone" VALUES ('z', 'z', 'z');
    INSERT INTO "Plan" ("id", "nameJa", "nameEn", "vcpu", "memoryMiB", "diskGiB", "transferGiB") VALUES ('p', 'p', 'p', 1, 1, 1, 1);
    INSERT INTO "PlanPrice" VALUES ('pp', 'p', '2020-01-01', 1);
    INSERT INTO "Image" ("id", "family", "version", "nameJa", "nameEn", "state", "minDiskGiB", "minMemoryMiB", "createdAt")
      VALUES ('i', 'f', '1', 'i', 'i', 'preparing', 1, 1, now());
    INSERT INTO "Host" ("id", "zoneId", "name", "agentUrl") VALUES ('hst', 'z', 'h', 'https://127.0.0.1');
    ${server('delivered2', created)}
    ${server('failed2222', operation('create', 'failed', '06-01 14:59:30', '06-01 15:00:05') + ended('06-01 15:00:05'))}
    ${server('returned22', created + operation('delete', 'succeeded', '06-10 00:00:00', '06-12 00:00:00') + ended('06-12 00:00:00'))}
    ${server('clockback2', created + ended('05-01 00:00:00'))}
    ${server('foreign222', created)}
    UPDATE "Operation" SET "accountId" = 'acc_2' WHERE "serverId" = 'foreign222';
    UPDATE "Subscription" SET "accountId" = 'acc_2' WHERE "serverId" = 'foreign222';
    INSERT INTO "Pool" VALUES ('pol', 'z', 'v4', '10.0.0.0/24', '10.0.0.1', 24);
    INSERT INTO "Address" VALUES ('adr_1', 'pol', 'v4', '10.0.0.2'), ('adr_2', 'pol', 'v6', '10.0.0.3'), ('adr_3', 'pol', 'v4', '10.0.0.4');
    INSERT INTO "AddressHold" VALUES ('hld_1', 'adr_1', 'delivered2', '2026-06-01', NULL), ('hld_2', 'adr_2', 'delivered2', '2026-06-02', NULL),
      ('hld_3', 'adr_3', 'failed2222', '2026-06-01', NULL);
    INSERT INTO "Volume" ("id", "serverId", "hostId", "role", "sizeGiB", "createdAt") VALUES
      ('vol_aaaaaaaaaaaaaaaa', 'delivered2', 'hst', 'system', 1, '2026-06-01'),
      ('vol_bbbbbbbbbbbbbbbb', 'delivered2', 'hst', 'system', 1, '2026-06-02'),
      ('vol_cccccccccccccccc', 'delivered2', 'hst', 'spare', 1, '2026-06-02');
    INSERT INTO "Placement" ("id", "serverId", "hostId", "reason", "createdAt") VALUES ('plc', 'delivered2', 'hst', 'because', now());
    UPDATE "Operation" SET "signal" = 'louder' WHERE "serverId" = 'delivered2';
    INSERT INTO "Iso" ("id", "accountId", "name", "bytes", "state", "createdAt") VALUES ('iso', 'acc', 'n', 1, 'odd', now());
    INSERT INTO "HostJoin" ("id", "tokenHash", "hostId", "hostName", "zoneId", "expiresAt", "state", "createdAt") VALUES
      ('jn_1', 't1', 'hst', 'h', 'z', now(), 'signed', now()), ('jn_2', 't2', 'hst', 'h', 'nowhere', now(), 'issued', now());
    INSERT INTO "User" ("id", "name", "email", "createdAt", "updatedAt") VALUES ('usr', 'u', 'u@example.com', now(), now());
    INSERT INTO "Session" ("id", "token", "userId", "expiresAt", "createdAt", "updatedAt") VALUES ('ses', 't', 'usr', now(), now(), now());
    INSERT INTO "Ticket" VALUES ('clear', 'ses', 'delivered2', 'vnc', true, now()), ('${HEX}', 'ses', 'delivered2', 'vnc', true, now());`);

  expect(await migrate(database.url, folder)).toContain(NAME);

  const dates = `"startDate"::text, to_char("activatedAt", 'MM-DD HH24:MI'), to_char("cancelRequestedAt", 'MM-DD HH24:MI'),
    to_char("endedAt", 'MM-DD HH24:MI')`;
  expect(await rows(`SELECT "serverId", ${dates} FROM "Subscription" ORDER BY 1`)).toEqual([
    // A clock that was set back: nothing ends before it began.
    ['clockback2', '2026-06-02', '06-01 15:00', null, '06-01 15:00'],
    // Delivered after midnight in Japan: that day is the anchor.
    ['delivered2', '2026-06-02', '06-01 15:00', null, null],
    ['failed2222', '2026-06-01', null, null, '06-01 15:00'],
    ['foreign222', '2026-06-02', '06-01 15:00', null, null],
    ['returned22', '2026-06-02', '06-01 15:00', '06-10 00:00', '06-12 00:00'],
  ]);
  expect(
    await rows(`SELECT DISTINCT "accountId" FROM "Operation" UNION SELECT "accountId" FROM "Subscription"`),
  ).toEqual([['acc']]);
  expect(await rows(`SELECT "id", "family", "until" IS NULL FROM "AddressHold" ORDER BY 1`)).toEqual([
    ['hld_1', 'v4', true],
    ['hld_2', 'v4', false],
    ['hld_3', 'v4', true],
  ]);
  expect(await rows(`SELECT "role" FROM "Volume" ORDER BY "id"`)).toEqual([['system'], ['data'], ['data']]);
  expect(await rows(`SELECT "reason" FROM "Placement"`)).toEqual([['none']]);
  expect(await rows(`SELECT DISTINCT "signal" FROM "Operation"`)).toEqual([[null]]);
  expect(await rows(`SELECT "state" FROM "Iso"`)).toEqual([['refused']]);
  expect(await rows(`SELECT "id", "state" FROM "HostJoin"`)).toEqual([['jn_1', 'refused']]);
  expect(await rows(`SELECT "hash" FROM "Ticket"`)).toEqual([[HEX]]);
});
