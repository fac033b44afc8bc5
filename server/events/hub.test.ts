import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { type TestDeps, testDeps } from '../testing/deps.ts';
import { createPerson } from '../testing/people.ts';
import { parseCursor } from './cursor.ts';
import { emit } from './emit.ts';
import { createEventHub, type EventHub } from './hub.ts';
import type { EventView } from './schema.ts';
import { eventStream } from './stream.ts';

let test: TestDatabase;
let deps: TestDeps;
let hub: EventHub;
let clients: pg.Client[];
let open: AbortController[];

beforeAll(async () => {
  test = await createTestDatabase();
  deps = testDeps(test.db);
});
afterAll(() => test.drop());
beforeEach(() => {
  hub = createEventHub({ url: test.urlAs('tsubo_app'), log: deps.log });
  clients = [];
  open = [];
});
afterEach(async () => {
  for (const controller of open) controller.abort();
  await Promise.all(clients.map((client) => client.end()));
  await hub.close();
});

async function transaction(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: test.url });
  clients.push(client);
  await client.connect();
  await client.query('BEGIN');
  return client;
}
const insert = (client: pg.Client, accountId: string | null, subject: string) =>
  client.query(`INSERT INTO "Event" ("accountId", "subject", "kind", "createdAt") VALUES ($1, $2, 'x', now())`, [
    accountId,
    subject,
  ]);
const write = (accountId: string | null, subject: string) =>
  test.db.$transaction((tx) => emit(tx, { accountId, subject, kind: 'x', at: deps.clock.now() }));

/** Reads a stream in the background; waits until it stands. */
async function listen(sessionId: string, lastCursor?: string) {
  const controller = new AbortController();
  open.push(controller);
  const seen: EventView[] = [];
  const stream = eventStream(deps, hub, { sessionId, lastCursor: lastCursor ?? null, signal: controller.signal });
  const ended = (async () => {
    for await (const event of stream) seen.push(event);
  })();
  await hub.subscribe(() => {}).then((subscription) => subscription.close());
  await sleep(20);
  const until = (count: number) =>
    vi.waitFor(() => expect(seen.length).toBeGreaterThanOrEqual(count), { timeout: 3_000, interval: 10 });
  return { seen, subjects: () => seen.map((event) => event.subject), ended, until, close: () => controller.abort() };
}

describe('order', () => {
  it('is that of the commits: a slow transaction with the lower id is not lost', async () => {
    const { session, accountId } = await createPerson(deps);
    const page = await listen(session.id);
    const slow = await transaction();
    await insert(slow, accountId, 'server:slow');
    await write(accountId, 'server:fast1');
    await write(accountId, 'server:fast2');
    await sleep(300);
    // Committed, but an older transaction is still open: a reader that took them now would miss `slow` for ever.
    expect(page.subjects()).toEqual([]);
    await slow.query('COMMIT');
    await page.until(3);
    expect(page.subjects()).toEqual(['server:slow', 'server:fast1', 'server:fast2']);
  });

  it('goes on when the older transaction gives up without a word (its end wakes nobody)', async () => {
    const { session, accountId } = await createPerson(deps);
    const page = await listen(session.id);
    const slow = await transaction();
    await insert(slow, accountId, 'server:never');
    await write(accountId, 'server:fast');
    await sleep(200);
    expect(page.subjects()).toEqual([]);
    await slow.query('ROLLBACK');
    await page.until(1);
    expect(page.subjects()).toEqual(['server:fast']);
  });

  it('holds for many writers: each page hears everything of its account once, in order', async () => {
    const { session, accountId } = await createPerson(deps);
    const page = await listen(session.id);
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      for (let n = 0; n < 10; n++) await write(accountId, `server:${writer}-${n}`);
    });
    await Promise.all(writers);
    await page.until(80);
    await sleep(50);
    expect(page.seen.length).toBe(80);
    expect(new Set(page.subjects()).size).toBe(80);
    const cursors = page.seen.map((event) => parseCursor(event.cursor));
    const sorted = cursors.toSorted(
      (a, b) => Number((a?.xid ?? 0n) - (b?.xid ?? 0n)) || Number((a?.id ?? 0n) - (b?.id ?? 0n)),
    );
    expect(cursors).toEqual(sorted);
  });

  it('of an event is after its change can be read', async () => {
    const { session, accountId } = await createPerson(deps);
    const page = await listen(session.id);
    await test.db.$transaction(async (tx) => {
      await emit(tx, { accountId, subject: `account:${accountId}`, kind: 'renamed', at: deps.clock.now() });
      await tx.account.update({ where: { id: accountId }, data: { name: 'new' } });
    });
    await page.until(1);
    expect(await test.db.account.findUnique({ where: { id: accountId } })).toMatchObject({ name: 'new' });
  });
});

describe('resuming', () => {
  it('gives exactly what came after the cursor, then goes on live', async () => {
    const { session, accountId } = await createPerson(deps);
    const first = await listen(session.id);
    await write(accountId, 'server:1');
    await write(accountId, 'server:2');
    await first.until(2);
    first.close();
    await first.ended;
    await write(accountId, 'server:3');
    const second = await listen(session.id, first.seen[0]?.cursor);
    await second.until(2);
    await write(accountId, 'server:4');
    await second.until(3);
    expect(second.subjects()).toEqual(['server:2', 'server:3', 'server:4']);
  });

  it('says "read all again" for a cursor that is none, or of another database, or too long ago', async () => {
    const { session, accountId } = await createPerson(deps);
    for (const cursor of ['nonsense', '999999999999.1']) {
      const page = await listen(session.id, cursor);
      await page.until(1);
      expect(page.seen[0]).toMatchObject({ subject: 'all:', kind: 'reset' });
      page.close();
    }
    await write(accountId, 'server:1');
    const first = await listen(session.id, '1.0');
    await first.until(1);
    const data = Array.from({ length: 1_500 }, () => ({
      accountId,
      subject: 'server:x',
      kind: 'x',
      createdAt: new Date(0),
    }));
    await test.db.event.createMany({ data });
    await first.until(1_000);
    const late = await listen(session.id, '1.0');
    await late.until(1);
    expect(late.seen[0]).toMatchObject({ kind: 'reset' });
    await write(accountId, 'server:after');
    await vi.waitFor(() => expect(late.subjects()).toEqual(['all:', 'server:after']), { timeout: 3_000 });
  });

  it('after PostgreSQL threw the connection away loses nothing', async () => {
    const { session, accountId } = await createPerson(deps);
    const page = await listen(session.id);
    await write(accountId, 'server:1');
    await page.until(1);
    const { rowCount } = await (await transaction()).query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tsubo-events' AND datname = current_database()`,
    );
    expect(rowCount).toBeGreaterThan(0);
    await write(accountId, 'server:2');
    await clients.at(-1)?.query('ROLLBACK');
    await page.until(2);
    await write(accountId, 'server:3');
    await page.until(3);
    expect(page.subjects()).toEqual(['server:1', 'server:2', 'server:3']);
  });
});

describe('who hears what', () => {
  it("customers hear their account's, staff all, and images everybody", async () => {
    const [a, b, staff] = [
      await createPerson(deps),
      await createPerson(deps),
      await createPerson(deps, { staffRole: 'support' }),
    ];
    const pages = [await listen(a.session.id), await listen(b.session.id), await listen(staff.session.id)];
    await write(a.accountId, 'server:a');
    await write(b.accountId, 'server:b');
    await write(null, 'host:h');
    await write(null, 'image:i');
    await pages[2]?.until(4);
    await pages[0]?.until(2);
    await pages[1]?.until(2);
    expect(pages.map((page) => page.subjects())).toEqual([
      ['server:a', 'image:i'],
      ['server:b', 'image:i'],
      ['server:a', 'server:b', 'host:h', 'image:i'],
    ]);
  });

  it('is asked again at every delivery: a member who left hears no more', async () => {
    const owner = await createPerson(deps);
    const guest = await createPerson(deps, { role: 'viewer', accountId: owner.accountId });
    const [page, owners] = [await listen(guest.session.id), await listen(owner.session.id)];
    await write(owner.accountId, 'server:1');
    await page.until(1);
    await test.db.member.deleteMany({ where: { userId: guest.session.user.id } });
    await write(owner.accountId, 'server:2');
    await owners.until(2);
    await sleep(50);
    expect(page.subjects()).toEqual(['server:1']);
  });

  it('ends with the session: signed out, or run out', async () => {
    const { session, accountId } = await createPerson(deps);
    const page = await listen(session.id);
    await test.db.session.delete({ where: { id: session.id } });
    await write(accountId, 'server:1');
    await page.ended;
    expect(page.subjects()).toEqual([]);
    const other = await createPerson(deps);
    const stream = await listen(other.session.id);
    deps.clock.advance(8 * 24 * 3600 * 1000);
    await write(other.accountId, 'server:1');
    await stream.ended;
    expect(stream.subjects()).toEqual([]);
  });
});
