import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEmptyDatabase } from '../server/testing/database.ts';
import { migrate, readMigrations } from './migrate.ts';
import { diagnoseHistory, diffSchemas } from './schema-engine.ts';

const folder = join(import.meta.dirname, 'migrations');
const schema = readFileSync(join(import.meta.dirname, 'schema.prisma'), 'utf8');

async function query<R extends pg.QueryResultRow>(url: string, sql: string, values: unknown[] = []): Promise<R[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<R>(sql, values)).rows;
  } finally {
    await client.end();
  }
}

describe('migrate', () => {
  it('applies all to an empty database, and nothing the second time', async () => {
    const { url, drop } = await createEmptyDatabase();
    try {
      const names = readMigrations(folder).map((migration) => migration.name);
      expect(await migrate(url, folder)).toEqual(names);
      expect(await migrate(url, folder)).toEqual([]);
    } finally {
      await drop();
    }
  });

  it('may be called by several processes at once', async () => {
    const { url, drop } = await createEmptyDatabase();
    try {
      const results = await Promise.all([migrate(url, folder), migrate(url, folder), migrate(url, folder)]);
      expect(results.flat().sort()).toEqual(readMigrations(folder).map((migration) => migration.name));
    } finally {
      await drop();
    }
  });

  it('writes a history that Prisma itself accepts', async () => {
    const { url, drop } = await createEmptyDatabase();
    try {
      await migrate(url, folder);
      const diagnosis = await diagnoseHistory(url, schema, {
        baseDir: folder,
        lockfile: { path: 'migration_lock.toml', content: readFileSync(join(folder, 'migration_lock.toml'), 'utf8') },
        shadowDbInitScript: '',
        migrationDirectories: readMigrations(folder).map(({ name, sql }) => ({
          path: name,
          migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: sql } },
        })),
      });
      expect(diagnosis).toMatchObject({ editedMigrationNames: [], failedMigrationNames: [], history: null });
    } finally {
      await drop();
    }
  });

  it('leads to the tables of schema.prisma', async () => {
    // What the schema says now, made directly, against what the migrations made: same columns, same indexes.
    const [direct, migrated] = [await createEmptyDatabase(), await createEmptyDatabase()];
    try {
      await query(direct.url, await diffSchemas(null, schema, direct.url));
      await migrate(migrated.url, folder);
      const columns = `SELECT table_name, column_name, udt_name, is_nullable, column_default FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name <> '_prisma_migrations' ORDER BY 1, 2`;
      expect(await query(migrated.url, columns)).toEqual(await query(direct.url, columns));
      const enums = `SELECT t.typname, array_agg(e.enumlabel::text ORDER BY e.enumsortorder) AS labels
        FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid GROUP BY 1 ORDER BY 1`;
      expect(await query(migrated.url, enums)).toEqual(await query(direct.url, enums));
      const indexes = `SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1`;
      const present = new Set((await query<{ indexdef: string }>(migrated.url, indexes)).map((row) => row.indexdef));
      for (const { indexdef } of await query<{ indexdef: string }>(direct.url, indexes))
        expect(present).toContain(indexdef);
    } finally {
      await direct.drop();
      await migrated.drop();
    }
  });

  describe('with other files', () => {
    let other: string;
    const write = (name: string, sql: string) => {
      mkdirSync(join(other, name), { recursive: true });
      writeFileSync(join(other, name, 'migration.sql'), sql);
    };
    beforeAll(() => {
      other = mkdtempSync(join(tmpdir(), 'tsubo-migrations-'));
      for (const { name, sql } of readMigrations(folder)) write(name, sql);
    });
    afterAll(() => rmSync(other, { recursive: true }));

    it('leaves nothing of a file that fails, and refuses an edited one and a newer database', async () => {
      const { url, drop } = await createEmptyDatabase();
      try {
        write('20990101000000_broken', 'CREATE TABLE "Half" ("id" int); SELECT 1/0;');
        await expect(migrate(url, other)).rejects.toThrow(/20990101000000_broken failed/);
        expect(await query(url, `SELECT 1 FROM pg_tables WHERE tablename = 'Half'`)).toEqual([]);
        write('20990101000000_broken', 'CREATE TABLE "Half" ("id" int);');
        expect(await migrate(url, other)).toEqual(['20990101000000_broken']);
        await expect(migrate(url, folder)).rejects.toThrow(/ahead of this program.*20990101000000_broken/);
        write('20990101000000_broken', 'CREATE TABLE "Half" ("id" bigint);');
        await expect(migrate(url, other)).rejects.toThrow(/was changed after it was applied/);
      } finally {
        await drop();
      }
    });
  });

  it('names a file by its SHA-256', () => {
    const first = readMigrations(folder)[0];
    expect(first?.checksum).toBe(
      createHash('sha256')
        .update(first?.sql ?? '')
        .digest('hex'),
    );
  });
});
