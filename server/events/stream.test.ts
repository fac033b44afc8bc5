/** What an open stream costs, and how it learns of rights that change while nothing happens. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import type { Db } from '../db.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { type TestDeps, testDeps } from '../testing/deps.ts';
import { createPerson } from '../testing/people.ts';
import { emit } from './emit.ts';
import { createEventHub, type EventHub } from './hub.ts';
import { eventStream } from './stream.ts';

let test: TestDatabase;
let deps: TestDeps;
let hub: EventHub;
let open: AbortController[] = [];

beforeAll(async () => {
  test = await createTestDatabase();
  deps = testDeps(test.db);
  hub = createEventHub({ url: test.urlAs('tsubo_app'), log: deps.log });
});
afterEach(() => {
  for (const controller of open) controller.abort();
  open = [];
});
afterAll(async () => {
  await hub.close();
  await test.drop();
});

const write = (accountId: string | null, subject: string) =>
  test.db.$transaction((tx) => emit(tx, { accountId, subject, kind: 'x', at: deps.clock.now() }));

/** Counts how often sessions are read. */
function counting() {
  let reads = 0;
  const session = {
    findUnique: (...query: Parameters<Db['session']['findUnique']>) => {
      reads++;
      return test.db.session.findUnique(...query);
    },
  };
  const db = new Proxy(test.db, { get: (on, key) => (key === 'session' ? session : Reflect.get(on, key)) });
  return { deps: { ...deps, db }, reads: () => reads };
}

async function listen(sessionId: string, recheckMs = 60_000) {
  const controller = new AbortController();
  open.push(controller);
  const seen: string[] = [];
  const counted = counting();
  const stream = eventStream(counted.deps, hub, { sessionId, signal: controller.signal, recheckMs });
  const ended = (async () => {
    for await (const { subject } of stream) seen.push(subject);
  })();
  await vi.waitFor(() => expect(counted.reads()).toBeGreaterThan(0), 10_000);
  await sleep(20);
  return { seen, ended, reads: counted.reads, close: () => controller.abort() };
}

it("others' events cost nothing; one's own are delivered after a new reading", async () => {
  const [a, b] = [await createPerson(deps), await createPerson(deps)];
  const [mine, other] = [await listen(a.session.id), await listen(b.session.id)];
  const before = mine.reads();
  for (let n = 0; n < 10; n++) await write(b.accountId, `server:${n}`);
  await write(null, 'host:h');
  await vi.waitFor(() => expect(other.seen).toHaveLength(10), 10_000);
  await sleep(30);
  expect(mine.reads()).toBe(before);
  await write(a.accountId, 'server:a');
  await write(null, 'image:i');
  await vi.waitFor(() => expect(mine.seen).toEqual(['server:a', 'image:i']), 10_000);
  expect(mine.reads()).toBeGreaterThan(before);
});

it('who joins an account while the stream is open reads everything again, and then hears its events', async () => {
  const [owner, guest] = [await createPerson(deps), await createPerson(deps)];
  const [page, owners] = [await listen(guest.session.id, 100), await listen(owner.session.id)];
  await write(owner.accountId, 'server:before');
  // Else it may come after the guest has joined, who then may see it.
  await vi.waitFor(() => expect(owners.seen).toEqual(['server:before']), 10_000);
  await test.db.member.create({
    data: {
      userId: guest.session.user.id,
      accountId: owner.accountId,
      role: 'viewer',
      createdAt: deps.clock.now(),
    },
  });
  await vi.waitFor(() => expect(page.seen).toEqual(['all:']), 10_000);
  await write(owner.accountId, 'server:after');
  await vi.waitFor(() => expect(page.seen).toEqual(['all:', 'server:after']), 10_000);
});

it("a session's end is found also while only others' events come", async () => {
  const [a, b] = [await createPerson(deps), await createPerson(deps)];
  const page = await listen(a.session.id, 100);
  await test.db.session.delete({ where: { id: a.session.id } });
  let isOver = false;
  void page.ended.then(() => {
    isOver = true;
  });
  for (let n = 0; n < 100 && !isOver; n++) {
    await write(b.accountId, 'server:b');
    await sleep(20);
  }
  expect(isOver).toBe(true);
});

it('a session has so many streams and no more; one that ends makes room', async () => {
  const { session } = await createPerson(deps);
  const streams = [];
  for (let n = 0; n < 10; n++) streams.push(await listen(session.id));
  await expect(listen(session.id)).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' });
  await listen((await createPerson(deps)).session.id);
  streams[0]?.close();
  await streams[0]?.ended;
  await listen(session.id);
  await expect(listen(session.id)).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' });
});
