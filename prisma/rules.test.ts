/** The rules that the database keeps by itself, whatever a service does. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OperationState } from '../server/generated/prisma/enums.ts';
import { newId } from '../server/ids.ts';
import { createTestDatabase, type TestDatabase } from '../server/testing/database.ts';
import { type TestDeps, testDeps } from '../server/testing/deps.ts';
import { createPerson } from '../server/testing/people.ts';
import { createServerRow } from '../server/testing/server-row.ts';

let test: TestDatabase;
let deps: TestDeps;
let accountId: string;
let at: Date;

beforeAll(async () => {
  test = await createTestDatabase();
  deps = testDeps(test.db);
  at = deps.clock.now();
  accountId = (await createPerson(deps)).accountId;
  await createServerRow(deps, accountId, 'first');
  const host = { id: 'hst_1', zoneId: 'test-zone', name: 'h', agentUrl: 'https://127.0.0.1:1' };
  await test.db.host.create({ data: host });
  const pool = {
    id: 'pol_1',
    zoneId: 'test-zone',
    family: 'v4',
    cidr: '10.0.0.0/24',
    gateway: '10.0.0.1',
    prefix: 24,
  } as const;
  await test.db.pool.create({ data: pool });
  await test.db.address.create({ data: { id: 'adr_1', poolId: 'pol_1', family: 'v4', address: '10.0.0.10' } });
});
afterAll(() => test.drop());

let names = 0;
const newServer = () => createServerRow(deps, accountId, `s${++names}`);
const duplicate = expect.objectContaining({ code: 'P2002' });

type Locks = { lockPower?: boolean; lockDisk?: boolean; lockConfig?: boolean };
const addOperation = (server: string, state: OperationState, locks: Locks) => {
  const isEnded = !['queued', 'running', 'stuck'].includes(state);
  return test.db.operation.create({
    data: {
      ...{
        id: newId('op'),
        accountId,
        serverId: server,
        kind: 'start',
        state,
        ...locks,
        input: {},
        generation: 1,
        createdAt: at,
      },
      ...(isEnded && { endedAt: at }),
      ...(state === 'superseded' && { supersededBy: 'op_x' }),
    },
  });
};

describe('an operation holds its lock classes', () => {
  const classes = ['lockPower', 'lockDisk', 'lockConfig'] as const;
  const held = ['queued', 'running', 'stuck'] as const;

  it.each(classes.flatMap((lock) => held.map((state) => [lock, state] as const)))(
    '%s while %s',
    async (lock, state) => {
      const server = await newServer();
      const first = await addOperation(server, state, { [lock]: true });
      await expect(addOperation(server, 'queued', { [lock]: true })).rejects.toEqual(duplicate);
      // Other classes of the same server, and the same class of another server, are free.
      const free = classes.filter((other) => other !== lock);
      await addOperation(server, 'queued', Object.fromEntries(free.map((other) => [other, true])));
      await addOperation(await newServer(), 'queued', { [lock]: true });
      await test.db.operation.update({ where: { id: first.id }, data: { state: 'succeeded', endedAt: at } });
      await addOperation(server, 'queued', { [lock]: true });
    },
  );

  it.each(['succeeded', 'failed', 'undone', 'superseded'] as const)('and none when it is %s', async (state) => {
    const server = await newServer();
    await addOperation(server, state, { lockPower: true, lockDisk: true, lockConfig: true });
    await addOperation(server, 'running', { lockPower: true, lockDisk: true, lockConfig: true });
  });

  it('also when two come at once: one wins', async () => {
    const server = await newServer();
    const both = await Promise.allSettled([1, 2].map(() => addOperation(server, 'queued', { lockPower: true })));
    expect(both.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
  });
});

describe('one at a time', () => {
  it('present body per server', async () => {
    const server = await newServer();
    const add = (endedAt: Date | null) =>
      test.db.placement.create({
        data: { id: newId('plc'), serverId: server, hostId: 'hst_1', createdAt: at, endedAt },
      });
    await add(at);
    await add(at);
    await add(null);
    await expect(add(null)).rejects.toEqual(duplicate);
  });

  it('holder per address', async () => {
    const hold = async (until: Date | null) =>
      test.db.addressHold.create({
        data: { id: newId('hld'), addressId: 'adr_1', serverId: await newServer(), family: 'v4', from: at, until },
      });
    await hold(at);
    await hold(null);
    await expect(hold(null)).rejects.toEqual(duplicate);
  });

  it('address of a family per server', async () => {
    const serverId = await newServer();
    const hold = async (family: 'v4' | 'v6', until: Date | null) => {
      const [poolId, id] = [`pol_${family}`, newId('adr')];
      const net = { zoneId: 'test-zone', family, cidr: 'x', gateway: 'x', prefix: 24 };
      await test.db.pool.createMany({ data: [{ id: poolId, ...net }], skipDuplicates: true });
      await test.db.address.create({ data: { id, poolId, family, address: id } });
      return test.db.addressHold.create({
        data: { id: newId('hld'), addressId: id, serverId, family, from: at, until },
      });
    };
    await hold('v4', at);
    await hold('v4', null);
    await hold('v6', null);
    await expect(hold('v4', null)).rejects.toEqual(duplicate);
  });

  it('disk to boot from per server', async () => {
    const serverId = await newServer();
    const add = (role: string, deletedAt: Date | null) =>
      test.db.volume.create({
        data: { id: newId('vol'), serverId, hostId: 'hst_1', role, sizeGiB: 1, createdAt: at, deletedAt },
      });
    await add('system', at);
    await add('system', null);
    await add('data', null);
    await add('data', null);
    await expect(add('system', null)).rejects.toEqual(duplicate);
  });

  it('server of a name per account, until it is gone', async () => {
    const id = await createServerRow(deps, accountId, 'web');
    await expect(createServerRow(deps, accountId, 'web')).rejects.toEqual(duplicate);
    await createServerRow(deps, (await createPerson(deps)).accountId, 'web');
    await test.db.server.update({ where: { id }, data: { intendedDeleted: true, deletedAt: at } });
    await createServerRow(deps, accountId, 'web');
  });

  it('attempt of an operation under way', async () => {
    const { id } = await addOperation(await newServer(), 'running', {});
    const add = (attempt: number, endedAt: Date | null) =>
      test.db.operationAttempt.create({
        data: {
          operationId: id,
          attempt,
          workflowId: `${id}:${attempt}`,
          direction: 'forward',
          createdAt: at,
          endedAt,
        },
      });
    await add(1, at);
    await add(2, null);
    await expect(add(3, null)).rejects.toEqual(duplicate);
  });

  it('request per key of a form', async () => {
    const data = {
      accountId,
      clientKey: 'k',
      requestHash: 'h',
      kind: 'create',
      state: 'queued',
      input: {},
      generation: 1,
    } as const;
    await test.db.operation.create({ data: { id: newId('op'), ...data, createdAt: at } });
    await expect(test.db.operation.create({ data: { id: newId('op'), ...data, createdAt: at } })).rejects.toEqual(
      duplicate,
    );
  });
});

describe('values that no row may have', () => {
  const refuses = (rule: string, sql: string) =>
    expect(test.db.$executeRawUnsafe(sql), sql).rejects.toThrow(new RegExp(`"${rule}"`));

  it.each([
    ['Server_id', `UPDATE "Server" SET "id" = 'Not-an-id'`],
    ['Server_password_hash', `UPDATE "Server" SET "passwordHash" = 'hunter2'`],
    ['Server_deleted_intended', `UPDATE "Server" SET "deletedAt" = now() WHERE NOT "intendedDeleted"`],
    ['Server_generation', `UPDATE "Server" SET "generation" = 0`],
    ['Image_ready', `UPDATE "Image" SET "state" = 'ready', "digest" = NULL`],
    ['Image_digest', `UPDATE "Image" SET "digest" = 'abc'`],
    ['Plan_sizes', `UPDATE "Plan" SET "memoryMiB" = 0`],
    ['User_email_lower', `UPDATE "User" SET "email" = 'A' || "email"`],
    ['User_locale', `UPDATE "User" SET "locale" = 'fr'`],
    ['Host_overcommit', `UPDATE "Host" SET "cpuOvercommitPct" = -1`],
    ['Operation_ended', `UPDATE "Operation" SET "endedAt" = now() WHERE "state" = 'queued'`],
    ['Operation_ended', `UPDATE "Operation" SET "endedAt" = NULL WHERE "state" = 'succeeded'`],
    ['Operation_actor', `UPDATE "Operation" SET "actorKind" = 'nobody'`],
    ['Operation_signal', `UPDATE "Operation" SET "signal" = 'louder'`],
    ['Placement_reason', `UPDATE "Placement" SET "reason" = 'because'`],
    ['Volume_role', `UPDATE "Volume" SET "role" = 'spare'`],
    [
      'Iso_state',
      `INSERT INTO "Iso" ("id", "accountId", "name", "bytes", "state", "createdAt") VALUES ('i', 'a', 'n', 1, 'x', now())`,
    ],
    [
      'Ticket_hash',
      `INSERT INTO "Ticket" ("hash", "sessionId", "serverId", "kind", "viewOnly", "expiresAt") VALUES ('clear', 's', 's', 'vnc', true, now())`,
    ],
    ['BusinessClock_one_row', `INSERT INTO "BusinessClock" ("id") VALUES (2)`],
    [
      'Audit_phase',
      `INSERT INTO "Audit" ("entryId", "phase", "at", "actorKind", "action") VALUES ('e', 'x', now(), 'user', 'a')`,
    ],
  ])('%s: %s', (rule, sql) => refuses(rule, sql));
});

it('an act has one beginning and one end', async () => {
  const entry = { entryId: 'aud_1', at, actorKind: 'system', action: 'x' };
  await test.db.audit.create({ data: { ...entry, phase: 'started' } });
  await test.db.audit.create({ data: { ...entry, phase: 'completed' } });
  await expect(test.db.audit.create({ data: { ...entry, phase: 'failed' } })).rejects.toEqual(duplicate);
});
