import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDb } from '../db.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { type TestDeps, testDeps } from '../testing/deps.ts';
import { type Auth, createAuth } from './auth.ts';
import { codeOf, cookieOf, newEmail, origin, password, visitor } from './testing.ts';

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
    const tries = { wrong: () => email, unknown: newEmail };
    const took = async (address: string) => {
      const began = performance.now();
      const response = await signIn(address, 'wrong password');
      const ms = performance.now() - began;
      return { answer: `${response.status} ${await response.text()}`, ms };
    };
    // By turns, and the least of each: what the machine does besides falls on both, and only adds.
    const [wrong, unknown] = [await took(tries.wrong()), await took(tries.unknown())];
    for (let n = 0; n < 6; n++) {
      wrong.ms = Math.min(wrong.ms, (await took(tries.wrong())).ms);
      unknown.ms = Math.min(unknown.ms, (await took(tries.unknown())).ms);
    }
    expect(unknown.answer).toBe(wrong.answer);
    expect(wrong.answer).toMatch(/^401 /);
    // A missing hash would make it ten times faster or more; the machine's own noise stays far below.
    expect(unknown.ms).toBeGreaterThan(wrong.ms / 3);
    expect(unknown.ms).toBeLessThan(wrong.ms * 3);
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

  it('a body that is no attempt breaks nothing', async () => {
    for (const body of [{}, { email: 7, password: 'x' }, { email: null }, { email: 'a@example.com' }, null, 'x'])
      for (const path of ['/sign-in/email', '/sign-up/email']) expect((await post(path, body)).status).toBe(400);
    expect((await signUp(newEmail(), { name: 'a\0b' })).status).toBe(400);
    expect((await signUp('a\0b@example.com')).status).toBe(400);
    expect((await signIn('a\0b@example.com')).status).toBe(400);
  });

  it.each(['/update-user', '/delete-user', '/change-email', '/sign-in/social', '/list-sessions', '/ok', '/../x'])(
    'has no %s',
    async (path) => expect((await post(path, {})).status).toBe(404),
  );
});

it("works with the app's own database user", async () => {
  const db = createDb(test.urlAs('tsubo_app'));
  auth = createAuth({ ...deps, db }, { origin, secret: 'x'.repeat(32) });
  const email = newEmail();
  expect((await signUp(email)).status).toBe(200);
  const response = await signIn(email);
  expect(await auth.sessionOf(new Headers({ cookie: cookieOf(response) }))).toMatchObject({ user: { email } });
  expect((await post('/sign-out', {}, { cookie: cookieOf(response) })).status).toBe(200);
  await db.$disconnect();
});
