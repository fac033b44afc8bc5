/** Whose a row is, when a subscription begins, and how a host joins: rules that the database keeps by itself. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { civilDate } from '../server/clock.ts';
import type { Prisma } from '../server/generated/prisma/client.ts';
import { newId } from '../server/ids.ts';
import { createTestDatabase, type TestDatabase } from '../server/testing/database.ts';
import { testDeps } from '../server/testing/deps.ts';
import { createPerson } from '../server/testing/people.ts';
import { createServerRow } from '../server/testing/server-row.ts';

let test: TestDatabase;
let at: Date;
let accountId: string;
let other: string;
let serverId: string;

beforeAll(async () => {
  test = await createTestDatabase();
  const deps = testDeps(test.db);
  at = deps.clock.now();
  accountId = (await createPerson(deps)).accountId;
  other = (await createPerson(deps)).accountId;
  serverId = await createServerRow(deps, accountId);
  const net = { zoneId: 'test-zone', cidr: '10.0.0.0/24', gateway: '10.0.0.1', prefix: 24 };
  await test.db.pool.create({ data: { id: 'pol_1', family: 'v4', ...net } });
  await test.db.address.create({ data: { id: 'adr_1', poolId: 'pol_1', family: 'v4', address: '10.0.0.10' } });
});
afterAll(() => test.drop());

describe('a row belongs to whom its server, pool or zone belongs', () => {
  const foreign = expect.objectContaining({ code: 'P2003' });

  it('an operation and a subscription, to the account of their server', async () => {
    const operation = { kind: 'start', state: 'queued', input: {}, generation: 1, serverId, createdAt: at } as const;
    const { id } = await test.db.operation.create({ data: { id: newId('op'), accountId, ...operation } });
    await expect(test.db.operation.update({ where: { id }, data: { accountId: other } })).rejects.toEqual(foreign);
    await test.db.planPrice.create({
      data: { id: 'price', planId: 'test-plan', fromDate: new Date('2020-01-01'), yen: 1 },
    });
    const row = { planPriceId: 'price', state: 'active', startDate: jstDay(at), orderedAt: at } as const;
    const add = (owner: string) =>
      test.db.subscription.create({ data: { id: newId('sub'), serverId, accountId: owner, ...row } });
    await expect(add(other)).rejects.toEqual(foreign);
    await add(accountId);
  });

  it('an address, to a pool of its family; a hold, to an address of its family', async () => {
    const data = { id: 'adr_6', poolId: 'pol_1', family: 'v6', address: 'fd00::1' } as const;
    await expect(test.db.address.create({ data })).rejects.toEqual(foreign);
    const hold = { id: 'hld_6', addressId: 'adr_1', serverId, family: 'v6', from: at } as const;
    await expect(test.db.addressHold.create({ data: { ...hold, until: at } })).rejects.toEqual(foreign);
  });

  it('a join, to a zone that is there', async () => {
    await expect(addJoin('nowhere')).rejects.toEqual(foreign);
  });
});

const jstDay = (instant: Date) => new Date(`${civilDate(instant)}T00:00:00Z`);

describe('a subscription', () => {
  const set = (sql: string) => test.db.$executeRawUnsafe(`UPDATE "Subscription" SET ${sql}`);

  it.each([
    ['Subscription_anchor', `"startDate" = "startDate" + 1`],
    ['Subscription_anchor', `"activatedAt" = "orderedAt" + INTERVAL '1 day'`],
    ['Subscription_activated', `"activatedAt" = "orderedAt" - INTERVAL '1 minute'`],
    ['Subscription_cancelled', `"cancelRequestedAt" = "orderedAt" - INTERVAL '1 minute'`],
    ['Subscription_order', `"state" = 'ended', "endedAt" = "orderedAt" - INTERVAL '1 minute'`],
    ['Subscription_ended', `"endedAt" = "orderedAt"`],
  ])('%s: %s', async (rule, sql) => {
    expect(await test.db.subscription.count()).toBe(1);
    await expect(set(sql)).rejects.toThrow(new RegExp(`"${rule}"`));
  });

  it('begins on the day in Japan', async () => {
    // 15:00 in UTC is midnight there.
    const late = `"orderedAt" = '2026-06-30 14:59:59', "activatedAt" = '2026-06-30 15:00:00'`;
    await expect(set(`${late}, "startDate" = '2026-06-30'`)).rejects.toThrow(/"Subscription_anchor"/);
    await set(`${late}, "startDate" = '2026-07-01'`);
  });
});

const addJoin = (zoneId = 'test-zone') =>
  test.db.hostJoin.create({
    data: {
      id: newId('jn'),
      tokenHash: newId('jn'),
      hostId: 'hst_1',
      hostName: 'h',
      zoneId,
      expiresAt: at,
      createdAt: at,
    },
  });

it('a join only goes forward, and is signed with what was asked first', async () => {
  const { id } = await addJoin();
  const set = (data: Prisma.HostJoinUpdateInput) => test.db.hostJoin.update({ where: { id }, data });
  const asked = { csrPem: 'a', agentUrl: 'https://127.0.0.1:1' };
  await expect(set({ csrPem: 'a' })).rejects.toThrow(/HostJoin_forward/);
  await expect(set({ state: 'signed', certPem: 'c', signedAt: at })).rejects.toThrow(/HostJoin_forward/);
  await set({ state: 'requested', ...asked });
  await expect(set({ csrPem: 'b' })).rejects.toThrow(/HostJoin_forward/);
  await expect(set({ agentUrl: 'https://127.0.0.2:1' })).rejects.toThrow(/HostJoin_forward/);
  await expect(set({ state: 'issued' })).rejects.toThrow(/HostJoin_forward/);
  await expect(set({ state: 'signed' })).rejects.toThrow(/HostJoin_signed/);
  await set({ state: 'signed', certPem: 'c', signedAt: at });
  await expect(set({ state: 'requested', csrPem: 'b' })).rejects.toThrow(/HostJoin_forward/);
  await set({ state: 'refused' });
  await expect(set({ state: 'requested' })).rejects.toThrow(/HostJoin_forward/);
});
