import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { type TestDeps, testDeps } from '../testing/deps.ts';
import { type Auth, createAuth } from './auth.ts';

const origin = 'http://localhost:8080';
const password = 'correct horse battery';
let test: TestDatabase;
let deps: TestDeps;
let auth: Auth;
let people = 0;

beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());
beforeEach(async () => {
  // As the app's own database user: its grants must be enough.
  deps = testDeps(test.db);
  deps.clock.set(new Date());
  auth = createAuth(deps, { origin, secret: 'x'.repeat(32) });
  await test.db.rateLimit.deleteMany();
});

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  auth.handler(
    new Request(`${origin}/api/auth${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin, 'x-forwarded-for': '192.0.2.1', ...headers },
      body: JSON.stringify(body),
    }),
  );
const newEmail = () => `person${++people}@example.com`;
const signUp = (email: string, change: object = {}) =>
  post('/sign-up/email', { name: '山田 太郎', email, password, ...change });
const signIn = (email: string, given = password, headers = {}) =>
  post('/sign-in/email', { email, password: given }, headers);
const codeOf = async (response: Response): Promise<string> => (await response.json()).code;
const cookieOf = (response: Response): string => response.headers.getSetCookie()[0] ?? '';

describe('signing up', () => {
  it('makes user, account, owner and session', async () => {
    const email = newEmail();
    const response = await signUp(email.toUpperCase(), { locale: 'en' });
    expect(response.status).toBe(200);
    const user = await test.db.user.findUniqueOrThrow({
      where: { email },
      include: { members: { include: { account: true } }, credentials: true },
    });
    expect(user).toMatchObject({
      id: expect.stringMatching(/^usr_[a-z2-7]{16}$/),
      locale: 'en',
      theme: 'system',
      staffRole: null,
      members: [{ role: 'owner', account: { name: '山田 太郎' } }],
    });
    expect(user.credentials[0]?.password).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    const session = await auth.sessionOf(new Headers({ cookie: cookieOf(response) }));
    expect(session).toMatchObject({ user: { id: user.id, email, locale: 'en', staffRole: null } });
    expect(cookieOf(response)).toMatch(/^tsubo\.session_token=.*HttpOnly.*SameSite=Lax/i);
  });

  it('keeps the cookie to TLS where the origin is', async () => {
    const secure = createAuth(deps, { origin: 'https://panel.example', secret: 'x'.repeat(32) });
    const response = await secure.handler(
      new Request('https://panel.example/api/auth/sign-up/email', {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: 'https://panel.example' },
        body: JSON.stringify({ name: 'a', email: newEmail(), password }),
      }),
    );
    expect(cookieOf(response)).toMatch(/^__Secure-tsubo.*; Secure/);
  });

  it('gives nobody a staff role', async () => {
    const email = newEmail();
    await signUp(email, { staffRole: 'admin' });
    expect(await test.db.user.findUnique({ where: { email } })).not.toMatchObject({ staffRole: 'admin' });
  });

  it.each([
    [{ password: 'short' }, 'PASSWORD_TOO_SHORT'],
    [{ password: 'x1'.repeat(70) }, 'PASSWORD_KNOWN_WEAK'],
    [{ password: 'password1234' }, 'PASSWORD_KNOWN_WEAK'],
    [{ email: 'no-address' }, 'INVALID_EMAIL'],
    [{ name: '  ' }, 'NAME_INVALID'],
    [{ locale: 'fr' }, 'NAME_INVALID'],
  ])('is refused: %o', async (change, code) => {
    const email = newEmail();
    const response = await signUp(email, change);
    expect(response.status).toBe(400);
    if (!('email' in change)) expect(await codeOf(response)).toBe(code);
    expect(await test.db.user.count({ where: { email } })).toBe(0);
  });

  it('is refused for an address that has an account, also when asked twice at once', async () => {
    const email = newEmail();
    const statuses = (await Promise.all([signUp(email), signUp(email)])).map((response) => response.status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(await codeOf(await signUp(email))).toMatch(/^USER_ALREADY_EXISTS/);
    expect(await test.db.user.count({ where: { email } })).toBe(1);
    expect(await test.db.credential.count({ where: { user: { email } } })).toBe(1);
  });
});

describe('signing in', () => {
  it('opens a session, and out closes it', async () => {
    const email = newEmail();
    await signUp(email);
    const response = await signIn(email);
    expect(response.status).toBe(200);
    const cookie = cookieOf(response);
    expect(await auth.sessionOf(new Headers({ cookie }))).toMatchObject({ user: { email } });
    expect((await post('/sign-out', {}, { cookie })).status).toBe(200);
    expect(await auth.sessionOf(new Headers({ cookie }))).toBeNull();
  });

  it('takes the same password typed in full width', async () => {
    const email = newEmail();
    await signUp(email, { password: 'himitsu-no-ryokan' });
    expect((await signIn(email, 'ｈｉｍｉｔｓｕ-ｎｏ-ｒｙｏｋａｎ')).status).toBe(200);
  });

  it('answers an unknown address as it answers a wrong password, after like work', async () => {
    const email = newEmail();
    await signUp(email);
    const median = async (address: () => string) => {
      const times: number[] = [];
      let answer = '';
      for (let n = 0; n < 7; n++) {
        const began = performance.now();
        const response = await signIn(address(), 'wrong password');
        times.push(performance.now() - began);
        answer = `${response.status} ${await response.text()}`;
      }
      return { answer, ms: times.sort((a, b) => a - b)[3] ?? 0 };
    };
    const [wrong, unknown] = [await median(() => email), await median(newEmail)];
    expect(unknown.answer).toBe(wrong.answer);
    expect(wrong.answer).toMatch(/^401 /);
    // A missing hash would make it ten times faster or more; the machine's own noise stays far below.
    expect(unknown.ms).toBeGreaterThan(wrong.ms / 3);
    expect(unknown.ms).toBeLessThan(wrong.ms * 3);
  });

  it('is limited by e-mail address, from wherever it is tried, and known or not', async () => {
    for (const email of [newEmail(), newEmail()]) {
      if (people % 2) await signUp(email);
      for (let n = 0; n < 10; n++)
        expect((await signIn(email, 'wrong password', { 'x-forwarded-for': `198.51.100.${n}` })).status).toBe(401);
      const refused = await signIn(email, password, { 'x-forwarded-for': '198.51.100.99' });
      expect(refused.status).toBe(429);
      expect(Number(refused.headers.get('x-retry-after'))).toBeGreaterThan(800);
    }
    deps.clock.advance(901_000);
    expect((await signIn(`person${people}@example.com`, 'wrong password')).status).toBe(401);
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

  it('is in the audit log, also when it failed', async () => {
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
        ip: '192.0.2.1',
      },
      { action: 'auth.signIn', phase: 'completed', actorId: expect.stringMatching(/^usr_/) },
    ]);
    expect(JSON.stringify(deps.logged())).not.toContain(password);
  });
});

describe('the door', () => {
  it.each(['http://localhost:8081', 'http://evil.example', 'null', ''])(
    'is closed to other origins: "%s"',
    async (from) => {
      const email = newEmail();
      const response = await post('/sign-up/email', { name: 'a', email, password }, { origin: from });
      expect(response.status).toBe(403);
      expect(await test.db.user.count({ where: { email } })).toBe(0);
    },
  );

  it.each(['/update-user', '/delete-user', '/change-email', '/sign-in/social', '/list-sessions', '/ok', '/../x'])(
    'has no %s',
    async (path) => expect((await post(path, {})).status).toBe(404),
  );
});

it("works with the app's own database user", async () => {
  const { createDb } = await import('../db.ts');
  const db = createDb(test.urlAs('tsubo_app'));
  auth = createAuth({ ...deps, db }, { origin, secret: 'x'.repeat(32) });
  const email = newEmail();
  expect((await signUp(email)).status).toBe(200);
  const response = await signIn(email);
  expect(await auth.sessionOf(new Headers({ cookie: cookieOf(response) }))).toMatchObject({ user: { email } });
  expect((await post('/sign-out', {}, { cookie: cookieOf(response) })).status).toBe(200);
  await db.$disconnect();
});
