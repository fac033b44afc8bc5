/**
 * A database of its own for each test file, cloned in some 50 ms from a template that holds the migrations.
 * The template is built once per content of prisma/migrations; an advisory lock keeps test processes that
 * start together from building it twice.
 */
import { createHash, randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { migrate, readMigrations } from '../../prisma/migrate.ts';
import { createDb, type Db } from '../db.ts';

const folder = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'prisma/migrations');
const LEAVE_MS = 3_000;
// Any number; only test processes take it.
const LOCK = 7_473_756_202;

export type TestRole = 'tsubo_app' | 'tsubo_worker' | 'tsubo_proxy' | 'tsubo_gateway';
export type TestDatabase = {
  /** As the owner. */
  url: string;
  db: Db;
  /** The same database as one of the processes' users. */
  urlAs: (role: TestRole) => string;
  drop: () => Promise<void>;
};

/** @throws when TEST_DATABASE_URL (a superuser's) is unset: vitest's globalSetup or scripts/test sets it. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = serverUrl();
  const name = `tsubo_t_${randomBytes(6).toString('hex')}`;
  await withClient(server, async (client) => {
    const template = await ensureTemplate(client, server);
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  });
  const url = withPath(server, name);
  const db = createDb(url);
  return {
    url,
    db,
    urlAs: (role) => {
      const parsed = new URL(url);
      parsed.username = role;
      return parsed.href;
    },
    drop: async () => {
      await db.$disconnect();
      await withClient(server, async (client) => {
        await leftAlone(client, name);
        await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      });
    },
  };
}

/** An empty database without migrations, for tests of the migrations themselves. */
export async function createEmptyDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  const server = serverUrl();
  const name = `tsubo_e_${randomBytes(6).toString('hex')}`;
  await withClient(server, (client) => client.query(`CREATE DATABASE ${name} TEMPLATE template0`));
  return {
    url: withPath(server, name),
    drop: async () => {
      await withClient(server, (client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
    },
  };
}

/** A pool that has ended does not wait for its sockets, and one that is cut off is an error that nobody hears. */
async function leftAlone(client: pg.Client, name: string): Promise<void> {
  for (const until = Date.now() + LEAVE_MS; Date.now() < until; await sleep(20)) {
    const { rowCount } = await client.query('SELECT FROM pg_stat_activity WHERE datname = $1', [name]);
    if (rowCount === 0) return;
  }
}

function serverUrl(): string {
  const url = process.env.TEST_DATABASE_URL;
  if (!url) throw new Error('TEST_DATABASE_URL is not set: a superuser URL of a PostgreSQL that tests may fill.');
  return url;
}

async function ensureTemplate(client: pg.Client, server: string): Promise<string> {
  const hash = createHash('sha256');
  for (const { name, checksum } of readMigrations(folder)) hash.update(`${name}:${checksum}\n`);
  const template = `tsubo_template_${hash.digest('hex').slice(0, 16)}`;
  await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
  try {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [template]);
    if (rowCount === 0) {
      // Under another name until it is whole: a killed run leaves no half-made template behind.
      const draft = `${template}_draft`;
      await client.query(`DROP DATABASE IF EXISTS ${draft} WITH (FORCE)`);
      await client.query(`CREATE DATABASE ${draft} TEMPLATE template0`);
      await migrate(withPath(server, draft), folder);
      await client.query(`ALTER DATABASE ${draft} RENAME TO ${template}`);
    }
  } finally {
    await client.query('SELECT pg_advisory_unlock($1)', [LOCK]);
  }
  return template;
}

function withPath(server: string, database: string): string {
  const parsed = new URL(server);
  parsed.pathname = `/${database}`;
  return parsed.href;
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
