/** What the order page is told before its confirm page. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { type TestDeps, testDeps } from '../testing/deps.ts';
import { createPerson } from '../testing/people.ts';
import { createServerRow } from '../testing/server-row.ts';
import { checkOrder } from './read-order.ts';
import type { OrderInput } from './schema.ts';

/** 1,000 yen and 10 %. */
const YEN_WITH_TAX = 1100;

let test: TestDatabase;
let deps: TestDeps;
let accountId: string;

beforeAll(async () => {
  test = await createTestDatabase();
  deps = testDeps(test.db);
  ({ accountId } = await createPerson(deps));
  await createServerRow(deps, accountId, 'web-1');
  const { db } = test;
  await db.image.update({ where: { id: 'test-image' }, data: { state: 'ready', digest: 'a'.repeat(64), bytes: 1 } });
  await db.planPrice.create({
    data: { id: 'price', planId: 'test-plan', fromDate: new Date('2020-01-01T00:00:00Z'), yen: 1000 },
  });
  await db.taxRate.createMany({
    data: [{ class: 'standard', fromDate: new Date('2019-10-01T00:00:00Z'), basisPoints: 1000 }],
    skipDuplicates: true,
  });
  await db.host.create({
    data: {
      ...{ id: 'hst_a', zoneId: 'test-zone', name: 'a', agentUrl: 'https://127.0.0.1:1' },
      ...{ vcpuTotal: 8, memoryMiBTotal: 8192, diskGiBTotal: 100 },
      ...{ lastContactAt: deps.clock.now(), joinedAt: deps.clock.now() },
    },
  });
});
afterAll(() => test.drop());

const wish = (over: Partial<OrderInput> = {}): OrderInput => ({
  clientKey: crypto.randomUUID(),
  zoneId: 'test-zone',
  planId: 'test-plan',
  imageId: 'test-image',
  name: 'web-2',
  virtio: true,
  deleteProtection: false,
  signIn: { method: 'password' },
  seenYenWithTax: YEN_WITH_TAX,
  ...over,
});

describe('an order before its confirm page', () => {
  it('is fine, and nothing is written', async () => {
    const before = await test.db.server.count();
    await expect(checkOrder(deps, accountId, wish())).resolves.toBeUndefined();
    expect(await test.db.server.count()).toBe(before);
  });

  it('hears of everything that is wrong with the fields at once', async () => {
    const bad = wish({
      name: 'Web_1',
      hostname: 'a_b',
      planId: 'none',
      imageId: 'none',
      zoneId: 'none',
      signIn: { method: 'keys', sshKeyIds: [] },
    });
    await expect(checkOrder(deps, accountId, bad)).rejects.toMatchObject({
      code: 'INPUT',
      fields: {
        name: { code: 'server-name-characters' },
        hostname: { code: 'hostname-characters' },
        planId: { code: 'choose' },
        imageId: { code: 'choose' },
        zoneId: { code: 'choose' },
        signIn: { code: 'sign-in-method' },
      },
    });
  });

  it('is not told of a host name that was only taken from the name', async () => {
    const error = await checkOrder(deps, accountId, wish({ name: '' })).catch((e: unknown) => e);
    expect((error as { fields: object }).fields).toEqual({ name: { code: 'empty', params: { max: 63, length: 0 } } });
  });

  it('takes full-width letters of an IME as the name they mean', async () => {
    const wide = wish({ name: 'ｗｅｂ－１' });
    await expect(checkOrder(deps, accountId, wide)).rejects.toMatchObject({ code: 'NAME_TAKEN' });
  });

  it('hears of a price that changed meanwhile', async () => {
    await expect(checkOrder(deps, accountId, wish({ seenYenWithTax: 1 }))).rejects.toMatchObject({
      code: 'NOT_POSSIBLE',
      params: { reason: 'price-changed' },
    });
  });

  it('hears when no host has room', async () => {
    await test.db.host.update({ where: { id: 'hst_a' }, data: { acceptsNew: false } });
    await expect(checkOrder(deps, accountId, wish())).rejects.toMatchObject({ code: 'NO_CAPACITY' });
    await test.db.host.update({ where: { id: 'hst_a' }, data: { acceptsNew: true } });
  });
});
