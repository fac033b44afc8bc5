/** How many attempts are let through, and what the audit log has of them. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { type TestDeps, testDeps } from '../testing/deps.ts';
import { type Auth, createAuth } from './auth.ts';
import { cookieOf, newEmail, origin, password, visitor } from './testing.ts';

let test: TestDatabase;
let deps: TestDeps;
let auth: Auth;

beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());
beforeEach(async () => {
  deps = testDeps(test.db);
  deps.clock.set(new Date());
  auth = createAuth(deps, { origin, secret: 'x'.repeat(32) });
  await test.db.rateLimit.deleteMany();
});

const { post, signUp, signIn } = visitor(() => auth);
const emailHash = (email: string) => `email:${createHash('sha256').update(email).digest('hex')}`;

describe('signing in', () => {
  it('is limited by e-mail address and network, known or not: nobody can lock the owner out from elsewhere', async () => {
    const from = (address: string) => ({ 'x-forwarded-for': address });
    let last = '';
    for (const isKnown of [true, false]) {
      const email = newEmail();
      if (isKnown) await signUp(email);
      for (let n = 0; n < 10; n++)
        expect((await signIn(email, 'wrong password', from(`2001:db8:0:1::${n}`))).status).toBe(401);
      // The same line, another of its addresses.
      const refused = await signIn(email, password, from('2001:db8:0:1:ffff::1'));
      expect(refused.status).toBe(429);
      expect(Number(refused.headers.get('x-retry-after'))).toBeGreaterThan(800);
      expect((await signIn(email, password, from('2001:db8:0:2::1'))).status).toBe(isKnown ? 200 : 401);
      last = email;
    }
    deps.clock.advance(901_000);
    expect((await signIn(last, 'wrong password', from('2001:db8:0:1::1'))).status).toBe(401);
  });

  it('is limited by e-mail address alone much higher up; what one network tries in vain does not count there', async () => {
    const email = newEmail();
    await signUp(email);
    const total = async () =>
      (await test.db.rateLimit.findMany({ where: { key: { startsWith: 'email:' } } })).find(
        ({ key }) => !key.includes('|'),
      );
    for (let n = 0; n < 15; n++) await signIn(email, 'wrong password', { 'x-forwarded-for': '203.0.113.1' });
    const before = await total();
    expect(before?.count).toBe(10);
    await test.db.rateLimit.updateMany({ where: { key: before?.key ?? '' }, data: { count: 199 } });
    expect((await signIn(email, 'wrong password', { 'x-forwarded-for': '203.0.113.2' })).status).toBe(401);
    expect((await signIn(email, password, { 'x-forwarded-for': '203.0.113.3' })).status).toBe(429);
  });

  it('forgets wrong passwords after a right one', async () => {
    const email = newEmail();
    await signUp(email);
    for (let round = 0; round < 2; round++) {
      for (let n = 0; n < 9; n++) await signIn(email, 'wrong password');
      expect((await signIn(email)).status).toBe(200);
    }
  });

  it('is limited by the sender, over processes', async () => {
    const other = createAuth(deps, { origin, secret: 'x'.repeat(32) });
    const first = auth;
    const statuses: number[] = [];
    for (let n = 0; n < 64; n++) {
      auth = n % 2 ? first : other;
      statuses.push(
        (await post('/sign-in/email', { email: `x${n}`, password: 'y' }, { 'x-forwarded-for': '203.0.113.5' })).status,
      );
    }
    expect(statuses.filter((status) => status === 429)).toHaveLength(4);
    expect((await signIn(newEmail(), 'y', { 'x-forwarded-for': '203.0.113.6' })).status).toBe(401);
  });

  it('lets no more through when all come at once', async () => {
    const email = newEmail();
    const responses = await Promise.all(Array.from({ length: 20 }, () => signIn(email, 'wrong password')));
    expect(responses.filter((response) => response.status === 401)).toHaveLength(10);
  });
});

describe('in the audit log', () => {
  const audited = (where: object) =>
    test.db.audit.findMany({ where: { phase: { not: 'started' }, ...where }, orderBy: { id: 'asc' } });

  it('stands every sign-in, also one that failed, which has the e-mail address as a hash', async () => {
    const email = newEmail();
    await signUp(email);
    await signIn(email, 'wrong password', { 'x-request-id': 'audit-1' });
    await signIn(email, password, { 'x-request-id': 'audit-2' });
    const rows = await test.db.audit.findMany({
      where: { requestId: { startsWith: 'audit-' }, phase: { not: 'started' } },
    });
    expect(rows).toMatchObject([
      {
        action: 'auth.signIn',
        phase: 'failed',
        errorCode: 'INVALID_EMAIL_OR_PASSWORD',
        actorId: null,
        subject: emailHash(email),
        ip: '192.0.2.1',
      },
      { action: 'auth.signIn', phase: 'completed', actorId: expect.stringMatching(/^usr_/) },
    ]);
    expect(JSON.stringify(deps.logged())).not.toContain(password);
  });
  it('stand attempts that a limiter refused, with their number, and not all of them', async () => {
    const email = newEmail();
    for (let n = 0; n < 25; n++)
      await signIn(email, 'wrong password', { 'x-forwarded-for': '198.51.100.7', 'x-request-id': `limited-${n}` });
    const refused = { errorCode: 'TOO_MANY_REQUESTS', ip: '198.51.100.7' };
    expect(await audited({ subject: emailHash(email), errorCode: 'TOO_MANY_REQUESTS' })).toMatchObject([
      { ...refused, action: 'auth.signIn', actorId: null, requestId: 'limited-10', after: { refused: 1 } },
      { ...refused, requestId: 'limited-19', after: { refused: 10 } },
    ]);
  });

  it('also those that the limit by address refused', async () => {
    const headers = { 'x-forwarded-for': '198.51.100.8' };
    for (let n = 0; n < 62; n++)
      await post('/sign-in/email', { email: `y${n}`, password: 'z' }, { ...headers, 'x-request-id': `many-${n}` });
    for (let n = 0; n < 31; n++)
      await post('/sign-up/email', { email: 'z', name: 'z' }, { ...headers, 'x-request-id': `new-${n}` });
    expect(await audited({ ip: '198.51.100.8', errorCode: 'TOO_MANY_REQUESTS' })).toMatchObject([
      { action: 'auth.signIn', requestId: 'many-60', after: { refused: 1 } },
      { action: 'auth.signUp', requestId: 'new-30', after: { refused: 1 } },
    ]);
  });

  it('stands who signed out; nobody does where nobody was signed in', async () => {
    const cookie = cookieOf(await signUp(newEmail()));
    const { user } = (await auth.sessionOf(new Headers({ cookie }))) ?? {};
    for (let n = 0; n < 2; n++) await post('/sign-out', {}, { cookie, 'x-request-id': 'out' });
    const rows = await test.db.audit.findMany({ where: { requestId: 'out' }, orderBy: { id: 'asc' } });
    const same = { action: 'auth.signOut', actorId: user?.id, subject: `user:${user?.id}` };
    expect(rows).toMatchObject([
      { ...same, phase: 'started' },
      { ...same, phase: 'completed' },
    ]);
  });
});
