/** The history: both sources in one order, every entry on one page and no more, nobody else's. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newId } from '../ids.ts';
import { contextOf, told } from '../testing/calls.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { type TestDeps, testDeps } from '../testing/deps.ts';
import { createPerson } from '../testing/people.ts';
import { createServerRow } from '../testing/server-row.ts';
import { createCaller } from '../trpc/root.ts';

let test: TestDatabase;
let deps: TestDeps;
let accountId: string;
let serverId: string;
let who: Awaited<ReturnType<typeof createPerson>>;
const caller = () => createCaller(contextOf(deps, who.session));

beforeAll(async () => {
  test = await createTestDatabase();
  deps = testDeps(test.db);
  who = await createPerson(deps);
  accountId = who.accountId;
  serverId = await createServerRow(deps, accountId);
});
afterAll(() => test.drop());

async function operation(at: Date, on = serverId, of = accountId) {
  const id = newId('op');
  await test.db.operation.create({
    data: {
      ...{ id, accountId: of, serverId: on, kind: 'start', state: 'succeeded', input: {}, generation: 1 },
      ...{ requestedBy: who.session.user.id, createdAt: at, startedAt: at, endedAt: at },
    },
  });
  return id;
}

it('tells settings between operations, with who changed what to what', async () => {
  const first = await operation(new Date(deps.clock.now().getTime() - 60_000));
  await test.db.server.update({ where: { id: serverId }, data: { intended: 'stopped' } });
  await caller().servers.rename({ serverId, name: 'web-2' });
  await caller().servers.protect({ serverId, on: true });
  // Refused, so it changed nothing.
  await told(caller().servers.rename({ serverId, name: 'web_2' }));
  const page = await caller().servers.history({ serverId });
  expect(page.total).toBe(3);
  expect(page.next).toBeNull();
  const settings = page.entries.filter((entry) => entry.what === 'setting');
  expect(settings.map((entry) => entry.setting).sort()).toEqual(['protect', 'rename']);
  for (const entry of settings) expect(entry.by).toEqual({ kind: 'user', name: who.session.user.name });
  expect(settings.find((entry) => entry.setting === 'rename')).toMatchObject({
    before: { name: 'web-1' },
    after: { name: 'web-2' },
  });
  expect(settings.find((entry) => entry.setting === 'protect')?.after).toEqual({ deleteProtection: true });
  expect(page.entries.at(-1)).toMatchObject({ what: 'operation', id: first });
});

it('pages through all of them once, also where many are of one moment', async () => {
  const other = await createServerRow(deps, accountId, 'web-9');
  const moment = new Date(deps.clock.now().getTime() - 3_600_000);
  const made: string[] = [];
  for (let i = 0; i < 7; i++) made.push(await operation(moment, other));
  for (let i = 1; i <= 3; i++) made.push(await operation(new Date(moment.getTime() + i), other));
  const seen: string[] = [];
  let cursor: string | undefined;
  let pages = 0;
  do {
    const page = await caller().servers.history({ serverId: other, limit: 3, ...(cursor && { cursor }) });
    expect(page.total).toBe(10);
    seen.push(...page.entries.map((entry) => entry.id));
    cursor = page.next ?? undefined;
    pages++;
  } while (cursor);
  expect(pages).toBe(4);
  expect(seen).toHaveLength(10);
  expect([...seen].sort()).toEqual([...made].sort());
  const times = (await caller().servers.history({ serverId: other })).entries.map((entry) => entry.at);
  expect(times).toEqual([...times].sort().reverse());
});

it('refuses a cursor that is none', async () => {
  for (const cursor of ['x', '1:', ':op_1', "1:' OR 1", '99999999999999999999:op_a'])
    expect(await told(caller().servers.history({ serverId, cursor }))).toMatchObject({ code: 'INPUT' });
});
