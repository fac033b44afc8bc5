/** Sessions are listed without their tokens and end one by one; a new password ends all others. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { hashPassword, verifyPassword } from '../auth/passwords.ts';
import { newId } from '../ids.ts';
import { contextOf, told } from '../testing/calls.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { type TestDeps, testDeps } from '../testing/deps.ts';
import { createPerson } from '../testing/people.ts';
import { createCaller } from '../trpc/root.ts';

const password = 'correct horse 7 battery';
const better = 'another staple 9 battery';

let test: TestDatabase;
let deps: TestDeps;
let who: Awaited<ReturnType<typeof createPerson>>;
const caller = () => createCaller(contextOf(deps, who.session)).account;

beforeAll(async () => {
  test = await createTestDatabase();
  deps = testDeps(test.db);
});
afterAll(() => test.drop());
beforeEach(async () => {
  who = await createPerson(deps);
  const [id, at] = [newId('crd'), deps.clock.now()];
  await test.db.credential.create({
    data: {
      ...{ id, accountId: who.session.user.id, providerId: 'credential', userId: who.session.user.id },
      ...{ password: await hashPassword(password), createdAt: at, updatedAt: at },
    },
  });
});

async function signedInElsewhere(change: { userAgent?: string; expiresAt?: Date } = {}): Promise<string> {
  const [id, at] = [newId('ses'), deps.clock.now()];
  const expiresAt = new Date(at.getTime() + 3_600_000);
  await test.db.session.create({
    data: {
      ...{ id, token: newId('ses'), userId: who.session.user.id, ipAddress: '192.0.2.9' },
      ...{ createdAt: at, updatedAt: at, expiresAt, ...change },
    },
  });
  return id;
}
const ids = async () => (await caller().sessions()).map(({ id }) => id);

it('lists the asking one first, without tokens and without those that have run out', async () => {
  const other = await signedInElsewhere({ userAgent: 'Firefox' });
  await signedInElsewhere({ expiresAt: new Date(deps.clock.now().getTime() - 1000) });
  const sessions = await caller().sessions();
  expect(sessions).toMatchObject([
    { id: who.session.id, isCurrent: true },
    { id: other, isCurrent: false, address: '192.0.2.9', userAgent: 'Firefox' },
  ]);
  const token = (await test.db.session.findUniqueOrThrow({ where: { id: other } })).token;
  expect(JSON.stringify(sessions)).not.toContain(token);
});

it('ends one, or all others; never the asking one by the way', async () => {
  const [a, b] = [await signedInElsewhere(), await signedInElsewhere()];
  await caller().endSession({ id: a });
  expect((await ids()).sort()).toEqual([who.session.id, b].sort());
  expect(await told(caller().endSession({ id: a }))).toMatchObject({ code: 'NOT_FOUND' });
  expect(await caller().endOtherSessions()).toEqual({ ended: 1 });
  expect(await ids()).toEqual([who.session.id]);
  const acts = await test.db.audit.findMany({
    where: { actorId: who.session.user.id, phase: 'completed' },
    orderBy: { id: 'asc' },
    select: { action: true, after: true },
  });
  expect(acts).toEqual([
    { action: 'account.endSession', after: { sessionId: a } },
    { action: 'account.endOtherSessions', after: { ended: 1 } },
  ]);
});

it('changes the password for who knows it, and signs out everybody else', async () => {
  await signedInElsewhere();
  expect(await caller().changePassword({ current: password, password: better })).toEqual({ ended: 1 });
  expect(await ids()).toEqual([who.session.id]);
  const { password: hash } = await test.db.credential.findFirstOrThrow({ where: { userId: who.session.user.id } });
  expect(await verifyPassword({ hash: hash ?? '', password: better })).toBe(true);
  const records = await test.db.audit.findMany({ where: { actorId: who.session.user.id } });
  expect(JSON.stringify(records, (_, value) => (typeof value === 'bigint' ? String(value) : value))).not.toContain(
    better,
  );
});

it('refuses a wrong or weak one at its field, and changes nothing', async () => {
  const other = await signedInElsewhere();
  const fieldsOf = async (current: string, next: string) =>
    (await told(caller().changePassword({ current, password: next }))).fields;
  expect(await fieldsOf('something else 1', better)).toEqual({ current: { code: 'password-wrong' } });
  expect(await fieldsOf(password, 'short')).toMatchObject({ password: { code: 'too-short' } });
  expect(await fieldsOf(password, 'x'.repeat(129))).toMatchObject({ password: { code: 'too-long' } });
  expect(await fieldsOf(password, '1234567890')).toEqual({ password: { code: 'password-known-weak' } });
  expect(await ids()).toContain(other);
});

it('lets nobody guess on, not even the right one', async () => {
  for (let i = 0; i < 10; i++) await told(caller().changePassword({ current: `guess number ${i}`, password: better }));
  expect(await told(caller().changePassword({ current: password, password: better }))).toMatchObject({
    code: 'TOO_MANY_REQUESTS',
  });
  deps.clock.advance(901_000);
  await caller().changePassword({ current: password, password: better });
});
