import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createEmptyDatabase } from '../../server/testing/database.ts';
import { ensureDatabase } from './database.ts';

let server: { url: string; drop: () => Promise<void> };
let role: string;
const made: string[] = [];

const query = async (sql: string) => {
  const client = new Client({ connectionString: server.url });
  await client.connect();
  try {
    return await client.query(sql);
  } finally {
    await client.end();
  }
};
const as = (database = new URL(server.url).pathname.slice(1)) => {
  const url = new URL(server.url);
  url.username = role;
  url.password = 'secret';
  url.pathname = `/${database}`;
  return url.href;
};

beforeEach(async () => {
  server = await createEmptyDatabase();
  role = `operator_${randomBytes(4).toString('hex')}`;
  await query(`CREATE ROLE ${role} LOGIN PASSWORD 'secret'`);
});
afterEach(async () => {
  for (const name of made.splice(0)) await query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await query(`REASSIGN OWNED BY ${role} TO CURRENT_USER; DROP OWNED BY ${role}; DROP ROLE ${role}`);
  await server.drop();
});

test('a foreign role is told each right that it lacks, and the SQL that gives it', async () => {
  const database = new URL(server.url).pathname.slice(1);
  await expect(ensureDatabase(as(), false)).rejects.toMatchObject({
    message: `The role ${role} of DATABASE_URL may not own the database ${database}, and may not create roles.`,
    advice: expect.stringContaining(
      `ALTER DATABASE "${database}" OWNER TO "${role}"; ALTER ROLE "${role}" CREATEROLE;`,
    ),
  });
  await query(`ALTER DATABASE "${database}" OWNER TO "${role}"; ALTER ROLE "${role}" CREATEROLE;`);
  await ensureDatabase(as(), false);
});

test('a database that is missing is made, or the reason why not is said at once', async () => {
  const name = `missing_${randomBytes(4).toString('hex')}`;
  made.push(name);
  await expect(ensureDatabase(as(name), false)).rejects.toMatchObject({
    message: expect.stringMatching(/does not exist, and cannot be created: permission denied/),
    advice: expect.stringContaining(`CREATE DATABASE "${name}" OWNER "${role}"`),
  });
  await query(`ALTER ROLE ${role} CREATEDB CREATEROLE`);
  await ensureDatabase(as(name), false);
  expect((await query(`SELECT FROM pg_database WHERE datname = '${name}'`)).rowCount).toBe(1);
});

test('a refusal ends the waiting', async () => {
  await expect(ensureDatabase(as().replace(role, 'nobody_knows'), false)).rejects.toThrow(/refuses: .*nobody_knows/);
});
