/**
 * Applies prisma/migrations to a database, then DBOS's own migrations, then what DBOS's tables need in grants.
 *
 * Each file is applied in one transaction together with its row in Prisma's own table `_prisma_migrations`
 * (checksum = SHA-256 of the file), so there is no half-applied state to repair, and `prisma migrate deploy`
 * understands the result. An advisory lock lets any number of processes call this at the same time.
 */
import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DBOS } from '@dbos-inc/dbos-sdk';
import pg from 'pg';

export type Migration = { name: string; sql: string; checksum: string };

/** In the order in which they are applied. */
export function readMigrations(folder: string): Migration[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
    .map((name) => {
      const sql = readFileSync(join(folder, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    });
}

// Any number; the same in every version of this program.
const LOCK = 7_473_756_201;

const HISTORY = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
  "id" VARCHAR(36) PRIMARY KEY NOT NULL,
  "checksum" VARCHAR(64) NOT NULL,
  "finished_at" TIMESTAMPTZ,
  "migration_name" VARCHAR(255) NOT NULL,
  "logs" TEXT,
  "rolled_back_at" TIMESTAMPTZ,
  "started_at" TIMESTAMPTZ NOT NULL DEFAULT now(),
  "applied_steps_count" INTEGER NOT NULL DEFAULT 0
)`;

// The worker runs workflows. The app only starts them, by `tsubo_enqueue`: nothing of this is for it.
const DBOS_GRANTS = `
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA "dbos" TO "tsubo_worker";
GRANT ALL ON ALL TABLES IN SCHEMA "dbos" TO "tsubo_worker";
GRANT ALL ON ALL SEQUENCES IN SCHEMA "dbos" TO "tsubo_worker";`;

/**
 * @param url the owner's (may create tables and roles)
 * @returns the names that were applied now; empty when the database was up to date
 * @throws when an applied file was edited, when the database is ahead, or when a file fails (nothing of it stays)
 */
export async function migrate(url: string, folder: string): Promise<string[]> {
  const migrations = readMigrations(folder);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await lock(client);
    const applied = await applyAll(client, migrations);
    await DBOS.migrate(url);
    await client.query(DBOS_GRANTS);
    return applied;
  } finally {
    await client.end();
  }
}

/**
 * Asks again instead of waiting inside PostgreSQL: a waiting statement holds a snapshot, and DBOS's
 * CREATE INDEX CONCURRENTLY would wait for that snapshot while it waits for us.
 */
async function lock(client: pg.Client): Promise<void> {
  const ask = 'SELECT pg_try_advisory_lock($1) AS ok';
  while (!(await client.query<{ ok: boolean }>(ask, [LOCK])).rows[0]?.ok) await sleep(100);
}

async function applyAll(client: pg.Client, migrations: Migration[]): Promise<string[]> {
  await client.query(HISTORY);
  const { rows } = await client.query<{ migration_name: string; checksum: string }>(
    'SELECT "migration_name", "checksum" FROM "_prisma_migrations" WHERE "finished_at" IS NOT NULL AND "rolled_back_at" IS NULL',
  );
  const done = new Map(rows.map((row) => [row.migration_name, row.checksum]));
  const applied: string[] = [];
  for (const migration of migrations) {
    const checksum = done.get(migration.name);
    done.delete(migration.name);
    if (checksum === migration.checksum) continue;
    if (checksum !== undefined)
      throw new Error(`Migration ${migration.name} was changed after it was applied to this database.`);
    await applyOne(client, migration);
    applied.push(migration.name);
  }
  const unknown = [...done.keys()];
  if (unknown.length > 0)
    throw new Error(
      `This database is ahead of this program: it knows ${unknown.join(', ')}. Install the newer release.`,
    );
  return applied;
}

async function applyOne(client: pg.Client, { name, sql, checksum }: Migration): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(sql);
    await client.query(
      `INSERT INTO "_prisma_migrations" ("id", "checksum", "migration_name", "finished_at", "applied_steps_count")
       VALUES ($1, $2, $3, clock_timestamp(), 1)`,
      [randomUUID(), checksum, name],
    );
    await client.query('COMMIT');
  } catch (cause) {
    await client.query('ROLLBACK').catch(() => {});
    throw new Error(`Migration ${name} failed; nothing of it stays in the database.`, { cause });
  }
}
