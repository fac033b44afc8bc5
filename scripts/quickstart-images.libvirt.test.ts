/**
 * The images that take minutes: quickstart does not wait for them, a process of the lowest priority makes them while
 * the panel is in use, and when it has ended they are offered. The build itself is kept from the part "images" of
 * npm test, since nothing can be downloaded in here.
 */
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { Client } from 'pg';
import { afterAll, expect, test } from 'vitest';
import { layoutOf } from './install/layout.ts';
import { quickstart } from './testing/installation.ts';

const LIMIT_MS = 240_000;
const folder = mkdtempSync(join(tmpdir(), 'tsubo-quickstart-'));
chmodSync(folder, 0o755);
const layout = layoutOf(join(folder, 'data'));

afterAll(async () => {
  await quickstart(layout.data, ['stop'], LIMIT_MS);
  rmSync(folder, { recursive: true, force: true });
}, LIMIT_MS);

async function debian(): Promise<{ state: string; problem: string | null } | undefined> {
  const { DATABASE_URL: connectionString } = parseEnv(readFileSync(layout.env('admin'), 'utf8'));
  const db = new Client({ connectionString });
  await db.connect();
  try {
    return (await db.query(`SELECT state, problem FROM "Image" WHERE family = 'debian12'`)).rows[0];
  } finally {
    await db.end();
  }
}

test(
  'Debian 12 is prepared behind a panel that is in use, and offered when it is there',
  async () => {
    const started = await quickstart(layout.data, ['--detach'], LIMIT_MS, 'all');
    expect(started.status, started.said).toBe(0);
    expect((await fetch('http://localhost:8080/')).status).toBe(200);
    await expect.poll(debian, { timeout: LIMIT_MS, interval: 500 }).toEqual({ state: 'ready', problem: null });
    // A builder that has ended is no fault.
    const status = await quickstart(layout.data, ['status'], LIMIT_MS, 'all');
    expect(status.status, status.said).toBe(0);
  },
  LIMIT_MS,
);
