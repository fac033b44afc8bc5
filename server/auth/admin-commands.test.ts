import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { type TestDeps, testDeps } from '../testing/deps.ts';
import { createAuth } from './auth.ts';
import { scramVerifier, setRolePasswords } from './role-passwords.ts';
import { createStaffLogin } from './staff-login.ts';

let test: TestDatabase;
let deps: TestDeps;
beforeAll(async () => {
  test = await createTestDatabase();
  deps = testDeps(test.db);
});
afterAll(() => test.drop());

describe('the first staff login', () => {
  it('signs in with the password that is shown once; the second run changes nothing', async () => {
    const made = await createStaffLogin(deps, {});
    expect(made?.password).toMatch(/^([a-z2-7]{5}-){3}[a-z2-7]{5}$/);
    expect(await createStaffLogin(deps, {})).toBeNull();
    expect(await test.db.user.count({ where: { staffRole: 'admin' } })).toBe(1);

    const origin = 'http://localhost:8080';
    const auth = createAuth(deps, { origin, secret: 'x'.repeat(32) });
    const response = await auth.handler(
      new Request(`${origin}/api/auth/sign-in/email`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin },
        body: JSON.stringify(made),
      }),
    );
    expect(response.status).toBe(200);
    const cookie = response.headers.getSetCookie()[0] ?? '';
    expect(await auth.sessionOf(new Headers({ cookie }))).toMatchObject({
      user: { email: made?.email, staffRole: 'admin' },
    });
  });

  it('may be made for another address, never over somebody who is there', async () => {
    expect(await createStaffLogin(deps, { email: 'Ops@Example.com' })).toMatchObject({ email: 'ops@example.com' });
    expect(await createStaffLogin(deps, { email: 'ops@example.com' })).toBeNull();
  });
});

describe('passwords of database roles', () => {
  it('are stored as PostgreSQL itself would store them', async () => {
    const client = new pg.Client({ connectionString: test.url });
    await client.connect();
    try {
      await client.query(`CREATE ROLE "scram_trial" LOGIN PASSWORD 'pencil'`);
      const { rows } = await client.query(`SELECT rolpassword FROM pg_authid WHERE rolname = 'scram_trial'`);
      const theirs: string = rows[0].rolpassword;
      const salt = Buffer.from(/^SCRAM-SHA-256\$4096:([^$]+)\$/.exec(theirs)?.[1] ?? '', 'base64');
      expect(scramVerifier('pencil', salt)).toBe(theirs);
      await setRolePasswords(test.url, { scram_trial: 'another' });
      const after = await client.query(`SELECT rolpassword FROM pg_authid WHERE rolname = 'scram_trial'`);
      expect(after.rows[0].rolpassword).toMatch(/^SCRAM-SHA-256\$/);
      expect(after.rows[0].rolpassword).not.toBe(theirs);
    } finally {
      await client.query('DROP ROLE IF EXISTS "scram_trial"');
      await client.end();
    }
  });

  it('are refused when SASLprep could change them', () => {
    expect(() => scramVerifier('pässword')).toThrow(/ASCII/);
  });
});
