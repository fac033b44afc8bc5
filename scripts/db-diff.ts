/**
 * Makes the next migration: the difference between schema.prisma at HEAD and in the work tree.
 *
 *   npm run db:diff -- NAME      writes prisma/migrations/<time>_NAME/migration.sql
 *
 * Read it before it is committed, and add what Prisma cannot say: CHECKs, partial indexes, grants.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { diffSchemas } from '../prisma/schema-engine.ts';
import { startPostgres } from '../server/testing/postgres.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const name = process.argv[2];
if (!name || !/^[a-z0-9_]+$/.test(name)) {
  process.stderr.write('usage: npm run db:diff -- NAME   (a-z, 0-9 and _)\n');
  process.exit(2);
}
const migrations = join(root, 'prisma/migrations');
const isFirst = !existsSync(migrations) || readdirSync(migrations).every((entry) => !/^\d/.test(entry));
const before = isFirst
  ? null
  : execFileSync('git', ['show', 'HEAD:prisma/schema.prisma'], { cwd: root, encoding: 'utf8' });
const postgres = await startPostgres();
const sql = await diffSchemas(before, readFileSync(join(root, 'prisma/schema.prisma'), 'utf8'), postgres.url).finally(
  postgres.stop,
);
if (sql === '') {
  process.stdout.write('schema.prisma is as it was at HEAD: no migration.\n');
  process.exit(0);
}
const stamp = new Date().toISOString().replaceAll(/[-:T]/g, '').slice(0, 14);
const folder = join(migrations, `${stamp}_${name}`);
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'migration.sql'), sql);
process.stdout.write(`${join(folder, 'migration.sql')}\n`);
