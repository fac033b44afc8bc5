import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../ids.ts';
import { contextOf, told } from '../testing/calls.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { type TestDeps, testDeps } from '../testing/deps.ts';
import { createPerson } from '../testing/people.ts';
import { createServerRow } from '../testing/server-row.ts';
import { createCaller } from '../trpc/root.ts';

let test: TestDatabase;
let deps: TestDeps;
type Person = Awaited<ReturnType<typeof createPerson>>;
let owner: Person;
let serverId: string;

const as = (who: Person) => createCaller(contextOf(deps, who.session));

beforeAll(async () => {
  test = await createTestDatabase();
  deps = testDeps(test.db);
});
afterAll(() => test.drop());
beforeEach(async () => {
  owner = await createPerson(deps);
  serverId = await createServerRow(deps, owner.accountId, 'web-1');
});

/** As a proxy writes it. */
async function open(who: Person, change: { serverId?: string; sessionId?: null } = {}): Promise<string> {
  const id = newId('con');
  const sessionId = change.sessionId === null ? null : who.session.id;
  await test.db.$executeRaw`
    INSERT INTO "ConsoleSession" ("id", "sessionId", "userId", "accountId", "serverId", "kind", "viewOnly", "openedAt", "seenAt")
    SELECT ${id}, ${sessionId}, ${who.session.user.id}, ${owner.accountId}, ${change.serverId ?? serverId}, 'serial', false, now, now
    FROM (SELECT clock_timestamp() AT TIME ZONE 'UTC' AS now) t`;
  return id;
}
const rowOf = (id: string) => test.db.consoleSession.findUniqueOrThrow({ where: { id } });
const auditOf = (action: string) =>
  test.db.audit.findMany({ where: { action, accountId: owner.accountId, phase: 'completed' }, orderBy: { id: 'asc' } });

describe('by a member', () => {
  it('says in its row who and when; it is nobody’s any more, and stands in the audit log', async () => {
    const operator = await createPerson(deps, { role: 'operator', accountId: owner.accountId });
    const id = await open(owner);
    const door = await open(operator, { sessionId: null });
    expect((await as(owner).consoles.who({ serverId })).here).toMatchObject([
      { id, ssh: false },
      { id: door, ssh: true },
    ]);
    expect(await as(operator).consoles.end({ serverId, consoleId: id })).toEqual({ ended: true });
    expect(await rowOf(id)).toMatchObject({
      ...{ endedAt: deps.clock.now(), endedById: operator.session.user.id, endedByStaff: false, endReason: null },
    });
    expect((await as(owner).consoles.who({ serverId })).here.map((one) => one.id)).toEqual([door]);
    expect(await auditOf('consoles.end')).toMatchObject([
      {
        subject: `server:${serverId}`,
        actorId: operator.session.user.id,
        after: { consoleId: id, kind: 'serial', userId: owner.session.user.id, ended: true },
      },
    ]);
  });

  it('a second one changes nothing: it was over', async () => {
    const id = await open(owner);
    await as(owner).consoles.end({ serverId, consoleId: id });
    const operator = await createPerson(deps, { role: 'operator', accountId: owner.accountId });
    expect(await as(operator).consoles.end({ serverId, consoleId: id })).toEqual({ ended: false });
    expect((await rowOf(id)).endedById).toBe(owner.session.user.id);
  });

  it.each(['viewer', 'billing'] as const)('%s: one’s own, not those of others', async (role) => {
    const looker = await createPerson(deps, { role, accountId: owner.accountId });
    const [own, others] = [await open(looker), await open(owner)];
    expect(await as(looker).consoles.end({ serverId, consoleId: own })).toEqual({ ended: true });
    expect(await told(as(looker).consoles.end({ serverId, consoleId: others }))).toMatchObject({
      ...{ code: 'ROLE_REQUIRED', params: { role: 'operator' } },
    });
    expect((await rowOf(others)).endedAt).toBeNull();
  });

  it('none of another server, also when its id is known', async () => {
    const stranger = await createPerson(deps);
    const theirs = await createServerRow(deps, stranger.accountId, 'db-1');
    const id = await open(owner);
    expect(await as(stranger).consoles.end({ serverId: theirs, consoleId: id })).toEqual({ ended: false });
    expect((await rowOf(id)).endedAt).toBeNull();
  });
});

describe('by staff', () => {
  it('see all that is open with whose it is, end one with a reason, and the customer’s audit log has it', async () => {
    const support = await createPerson(deps, { staffRole: 'support' });
    const id = await open(owner);
    // In another millisecond: who came first stands first.
    await sleep(2);
    const looking = await open(support);
    const listed = await as(support).staff.consoles.list({ serverId });
    expect(listed).toMatchObject([
      { id, userName: owner.session.user.name, isStaff: false, accountId: owner.accountId, serverName: 'web-1' },
      { id: looking, userName: support.session.user.name, isStaff: true },
    ]);
    expect((await as(support).staff.consoles.list()).map((one) => one.id)).toEqual(expect.arrayContaining([id]));
    // To the customer staff are the company.
    expect((await as(owner).consoles.who({ serverId })).here.map((one) => one.userName)).toEqual([
      owner.session.user.name,
      null,
    ]);
    const reason = '調査のため';
    expect(await as(support).staff.consoles.end({ consoleId: id, reason })).toEqual({ ended: true });
    expect(await rowOf(id)).toMatchObject({ endedByStaff: true, endReason: reason, endedAt: deps.clock.now() });
    expect(await auditOf('staff.consoles.end')).toMatchObject([
      {
        ...{ actorKind: 'staff', actorId: support.session.user.id, reason, subject: `server:${serverId}` },
        ...{ onBehalfOf: owner.accountId, after: { consoleId: id, kind: 'serial' } },
      },
    ]);
    expect(await as(support).staff.consoles.end({ consoleId: id, reason })).toEqual({ ended: false });
  });

  it('not without a reason', async () => {
    const support = await createPerson(deps, { staffRole: 'support' });
    const id = await open(owner);
    expect(await told(as(support).staff.consoles.end({ consoleId: id, reason: '  ' }))).toMatchObject({
      ...{ code: 'INPUT', fields: { reason: { code: 'empty' } } },
    });
    expect((await rowOf(id)).endedAt).toBeNull();
  });

  it('the database keeps to it, too', async () => {
    const id = await open(owner);
    const data = { endedAt: deps.clock.now(), endedById: owner.session.user.id };
    const set = (more: object) => test.db.consoleSession.update({ where: { id }, data: { ...data, ...more } });
    for (const more of [{}, { endedByStaff: true }, { endedByStaff: false, endReason: 'x' }])
      await expect(set(more)).rejects.toThrow(/ConsoleSession_ended/);
  });
});
