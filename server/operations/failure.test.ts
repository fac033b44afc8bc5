import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AgentError } from '../../compute-agent/contract/errors.ts';
import { createDb, type Db } from '../db.ts';
import { PublicError } from '../errors.ts';
import { startPostgres, type TestPostgres } from '../testing/postgres.ts';
import { isDatabaseAway, judge, StepFailed } from './failure.ts';

describe('what an error means', () => {
  test.each([
    [new AgentError('BUSY', ''), 'again', 'HOST_AWAY'],
    [new AgentError('UNKNOWN_OUTCOME', ''), 'again', 'HOST_AWAY'],
    [new AgentError('HYPERVISOR_AWAY', 'connect ECONNREFUSED'), 'again', 'HOST_AWAY'],
    [new AgentError('NO_SPACE', ''), 'fail', 'DISK_FULL'],
    [new AgentError('GONE', ''), 'fail', 'OTHER'],
    [new StepFailed('GUEST_IGNORED', ''), 'fail', 'GUEST_IGNORED'],
    [new PublicError('NO_ADDRESS'), 'fail', 'NO_ADDRESS'],
    [new TypeError('a defect'), 'fail', 'OTHER'],
    [
      Object.assign(new Error('x'), {
        code: 'P2010',
        meta: { driverAdapterError: { cause: { originalCode: '57P01' } } },
      }),
      'database',
      'OTHER',
    ],
    [Object.assign(new Error('x'), { code: 'P2002' }), 'fail', 'OTHER'],
  ] as const)('%s', (error, verdict, code) => expect(judge(error)).toMatchObject({ do: verdict, code }));
});

describe('a PostgreSQL that dies', () => {
  let postgres: TestPostgres;
  let db: Db;
  beforeAll(async () => {
    postgres = await startPostgres();
    db = createDb(postgres.url);
  });
  afterAll(async () => {
    await db.$disconnect();
    await postgres.stop();
  });

  test('that stalls, or was made a standby, is no verdict on a step either', async () => {
    const stalled = db.$transaction(async (tx) => {
      await tx.$executeRaw`SET LOCAL statement_timeout = 50`;
      return tx.$queryRaw`SELECT 1 FROM (SELECT pg_sleep(5)) s`;
    });
    expect(await stalled.catch(isDatabaseAway)).toBe(true);
    const standby = db.$transaction(async (tx) => {
      await tx.$executeRaw`SET LOCAL transaction_read_only = on`;
      return tx.$executeRaw`CREATE TABLE nothing ()`;
    });
    expect(await standby.catch(isDatabaseAway)).toBe(true);
    const full = db.$transaction((tx) => tx.$executeRaw`DO $$ BEGIN RAISE disk_full; END $$`);
    expect(await full.catch(isDatabaseAway)).toBe(true);
    const wrong = db.$executeRaw`SELECT 1/0`;
    expect(await wrong.catch(isDatabaseAway)).toBe(false);
  });

  test('under a query, inside a transaction, and before it: always known as away', async () => {
    await db.$queryRaw`SELECT 1`;
    const heard: unknown[] = [];
    const hear = (answer: Promise<unknown>) => answer.catch((error: unknown) => heard.push(error));
    const asking = [
      hear(db.$queryRaw`SELECT 1 FROM (SELECT pg_sleep(10)) s`),
      hear(db.$transaction((tx) => tx.$queryRaw`SELECT 1 FROM (SELECT pg_sleep(4)) s`)),
      hear(db.businessClock.findFirst().then(() => db.$queryRaw`SELECT pg_sleep(10)`)),
    ];
    await new Promise((resolve) => setTimeout(resolve, 300));
    const [{ pid }] = (await db.$queryRaw`SELECT pg_backend_pid() AS pid`) as [{ pid: number }];
    // The postmaster is the backend's parent: kill -9 it and all its children, as a power cut would.
    const parent = spawnSync('ps', ['-o', 'ppid=', '-p', String(pid)])
      .stdout.toString()
      .trim();
    spawnSync('pkill', ['-9', '-P', parent]);
    spawnSync('kill', ['-9', parent]);
    await Promise.all(asking);
    await hear(db.$queryRaw`SELECT 1 FROM (SELECT 1) s`);
    await hear(db.businessClock.findFirst());
    await hear(db.$transaction((tx) => tx.businessClock.findFirst()));
    expect(heard.length).toBeGreaterThanOrEqual(5);
    // The table is not there: that is no absence of the database.
    const other = heard.filter((error) => !isDatabaseAway(error) && !/does not exist/.test(String(error)));
    expect(other).toEqual([]);
  });
});
