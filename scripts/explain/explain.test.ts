/** The operator's command as it is called, on rows of a real PostgreSQL and planted logs of every process. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../server/ids.ts';
import { createTestDatabase, type TestDatabase } from '../../server/testing/database.ts';
import { errorId, operationId, otherId, plantLogs, plantRows, requestId, SECRETS } from './testing.ts';

let test: TestDatabase;
let data: string;
let serverId: string;

beforeAll(async () => {
  test = await createTestDatabase();
  serverId = await plantRows(test.db);
  data = plantLogs(serverId);
});
afterAll(async () => {
  rmSync(data, { recursive: true, force: true });
  await test.drop();
});

function explain(id: string, environment: Record<string, string> = {}) {
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(import.meta.dirname, '../explain.ts'), id], {
    encoding: 'utf8',
    env: { ...process.env, TZ: 'Asia/Tokyo', TSUBO_DATA: data, TSUBO_OWNER_URL: test.url, ...environment },
  });
  return { told: stdout, said: stderr, status };
}

/** Each of the texts stands behind the one before it. */
function expectInOrder(told: string, texts: string[]) {
  let from = 0;
  for (const text of texts) {
    const found = told.indexOf(text, from);
    expect(
      found,
      `${JSON.stringify(text)} after ${JSON.stringify(told.slice(Math.max(0, from - 80), from))}`,
    ).toBeGreaterThanOrEqual(0);
    from = found + text.length;
  }
}

describe('an operation', () => {
  it('request → steps → agent → libvirt → events → audit, in the order in which they happened', () => {
    const { told, said, status } = explain(operationId);
    expect([said, status]).toEqual(['', 0]);
    expectInOrder(told, [
      `operation ${operationId}: create of server ${serverId}, stuck, attempt 2; START_FAILED`,
      `server ${serverId}: web-1 of account`,
      '2026-06-15T02:59:59.858Z  nginx      POST /api/trpc/servers.order',
      `operation  ${operationId} create of ${serverId} asked by user usr_`,
      `attempt    ${operationId}:1 forward queued`,
      'audit      servers.order completed',
      'app        ERROR unexpected error',
      'app        (no whole line) {"level"',
      'app        (no whole line) TypeError',
      ':1 disk began',
      'agent      call {"call":"putVolume"',
      ':1 disk done',
      ':1 start began',
      'libvirtd   error: qemuMonitorIO',
      'agent      WARN call refused {"call":"power"',
      `event      server:${serverId} observed`,
      ':1 start failed · the host said: NO_SPACE: full',
      'worker-1   from the rotated log',
      `attempt    ${operationId}:1 failed`,
      `event      operation:${operationId} stuck`,
      'worker-1   operation ended',
      'audit      staff.operations.retry started by staff because: the disk was cleared',
      ':2 start running · the host said: BUSY: a turn',
    ]);
    const times = told.match(/^\d{4}-\S+Z/gm) ?? [];
    expect(times).toEqual([...times].sort());
    for (const foreign of [otherId, '/other', 'before-it']) expect(told).not.toContain(foreign);
  });

  it('also by what an agent or DBOS calls its parts', () => {
    const { told } = explain(operationId);
    expect(explain(`${operationId}.1.start`).told).toBe(told);
    expect(explain(`${operationId}:1`).told).toBe(told);
  });
});

it('a request leads to its operation, an error to its request', () => {
  const { told } = explain(operationId);
  expect(explain(requestId).told).toBe(told);
  const byError = explain(errorId.toLowerCase());
  expect([byError.said, byError.status]).toEqual(['', 0]);
  expect(byError.told).toBe(told);
});

it('a server: all its operations, and its events at any time', () => {
  const { told, status } = explain(serverId);
  expect(status).toBe(0);
  expectInOrder(told, ['before-it', `${operationId} create`, `${otherId} stop`, `${otherId} succeeded`]);
});

it('holds no secret, whatever stands in rows and logs', () => {
  for (const id of [operationId, serverId, requestId, errorId]) {
    const { told } = explain(id);
    expect(told).toContain('[removed]');
    for (const secret of SECRETS) expect(told, secret).not.toContain(secret);
  }
});

describe('what it cannot tell', () => {
  it('an id of a known shape that nobody knows', () => {
    expect(explain(newId('op'))).toMatchObject({
      told: '',
      status: 2,
      said: expect.stringMatching(/^Nothing is known under op_/),
    });
    expect(explain('E-AAAAAA')).toMatchObject({ told: '', status: 2 });
  });

  it.each(['web-1', 'op_short', 'E-1', "x' OR true", '../../etc/passwd'])('%s is no id', (text) => {
    expect(explain(text)).toMatchObject({ told: '', status: 2, said: expect.stringContaining(`"${text}" is no id`) });
  });

  it('nothing was asked', () => {
    expect(explain('')).toMatchObject({ told: '', status: 2, said: expect.stringMatching(/^Usage: /) });
  });

  it('no installation', () => {
    const { said, status } = explain(operationId, { TSUBO_DATA: '/nonexistent', TSUBO_OWNER_URL: '' });
    expect([status, said]).toEqual([2, expect.stringMatching(/^No installation under \/nonexistent/)]);
  });

  it('no log folder: the rows alone, and that the rest is missing', () => {
    const { told, said, status } = explain(operationId, { TSUBO_DATA: '/nonexistent' });
    expect([status, said]).toEqual([0, expect.stringContaining('there is no folder /nonexistent/log')]);
    expect(told).toContain(':1 start failed');
  });

  it('a log that cannot be read: the others, and which one is missing', () => {
    const broken = join(data, 'log/broken.log');
    mkdirSync(broken);
    const { told, said } = explain(operationId);
    rmSync(broken, { recursive: true });
    expect(said).toContain('Missing: broken.log cannot be read');
    expect(told).toContain('call refused');
  });

  it('PostgreSQL is down, which is when it is asked most: the logs alone', () => {
    const { told, said, status } = explain(operationId, { TSUBO_OWNER_URL: 'postgresql://nobody@127.0.0.1:1/x' });
    expect([status, said]).toEqual([0, expect.stringContaining('the database does not answer')]);
    expectInOrder(told, ['putVolume', 'call refused', 'operation ended']);
  });
});
