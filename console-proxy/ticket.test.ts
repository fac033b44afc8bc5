import { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../server/testing/database.ts';
import { issueTicket } from './testing.ts';
import { takeTicket } from './ticket.ts';

let database: TestDatabase;
/** The panel writes tickets as the owner here; the proxy takes them as its own database user. */
let panel: Pool;
let proxy: Pool;
const claim = { sessionId: 's1', serverId: 'aaaaaaaaaa', kind: 'vnc', viewOnly: true } as const;
const now = new Date('2026-11-24T12:00:00Z');
const later = (seconds: number) => new Date(now.getTime() + seconds * 1000);

beforeAll(async () => {
  database = await createTestDatabase();
  panel = new Pool({ connectionString: database.url });
  proxy = new Pool({ connectionString: database.urlAs('tsubo_proxy'), max: 10 });
  await panel.query(`
    INSERT INTO "User" (id, name, email, "createdAt", "updatedAt") VALUES ('u1', 'u', 'u@example.com', now(), now());
    INSERT INTO "Session" (id, token, "userId", "expiresAt", "createdAt", "updatedAt")
      VALUES ('s1', 't1', 'u1', '2026-11-25', now(), now()), ('s2', 't2', 'u1', '2026-11-24T12:00:10Z', now(), now());
    INSERT INTO "Account" (id, name, "createdAt") VALUES ('acc1', 'a', now());
    INSERT INTO "Zone" (id, "nameJa", "nameEn") VALUES ('z', 'z', 'z');
    INSERT INTO "Plan" (id, "nameJa", "nameEn", vcpu, "memoryMiB", "diskGiB", "transferGiB") VALUES ('p', 'p', 'p', 1, 256, 1, 100);
    INSERT INTO "Image" (id, family, version, "nameJa", "nameEn", state, "minDiskGiB", "minMemoryMiB", "createdAt")
      VALUES ('i', 'small', '1', 'i', 'i', 'preparing', 1, 128, now());
    INSERT INTO "Server" (id, "accountId", name, hostname, "zoneId", "planId", "imageId", "domainUuid", intended, "sshKeys", "createdAt")
      VALUES ('aaaaaaaaaa', 'acc1', 'n', 'n', 'z', 'p', 'i', gen_random_uuid()::text, 'running', '[]', now());`);
});

afterAll(async () => {
  await panel.end();
  await proxy.end();
  await database.drop();
});

describe('console tickets', () => {
  test('are taken once, with what they were written for', async () => {
    const ticket = await issueTicket(panel, claim, now);
    expect(await takeTicket(proxy, ticket, later(1))).toEqual({ ...claim, userId: 'u1' });
    expect(await takeTicket(proxy, ticket, later(1))).toBeNull();
  });

  test('of many takers at once, one gets it', async () => {
    for (let round = 0; round < 20; round++) {
      const ticket = await issueTicket(panel, claim, now);
      const takers = await Promise.all(Array.from({ length: 10 }, () => takeTicket(proxy, ticket, later(1))));
      expect(takers.filter((taken) => taken !== null)).toHaveLength(1);
    }
  });

  test('expire after 30 s, and with the session that asked', async () => {
    expect(await takeTicket(proxy, await issueTicket(panel, claim, now), later(31))).toBeNull();
    const ofShortSession = await issueTicket(panel, { ...claim, sessionId: 's2' }, now);
    expect(await takeTicket(proxy, ofShortSession, later(11))).toBeNull();
    const signedOut = await issueTicket(panel, { ...claim, sessionId: 's2' }, now);
    await panel.query(`DELETE FROM "Session" WHERE id = 's2'`);
    expect(await takeTicket(proxy, signedOut, later(1))).toBeNull();
  });

  test('are stored hashed only, and nonsense is refused without a question', async () => {
    const ticket = await issueTicket(panel, claim, now);
    const { rows } = await panel.query('SELECT * FROM "Ticket"');
    expect(JSON.stringify(rows)).not.toContain(ticket);
    for (const nonsense of ['', 'x', `${ticket}=`, `' OR true --`, ticket.slice(1)])
      expect(await takeTicket(proxy, nonsense, later(1))).toBeNull();
    expect(await takeTicket(proxy, ticket, later(1))).toEqual({ ...claim, userId: 'u1' });
  });
});
