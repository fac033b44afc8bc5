import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seed } from '../../prisma/seed.ts';
import { toDateColumn } from '../clock.ts';
import { newId } from '../ids.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { type TestDeps, testDeps } from '../testing/deps.ts';
import { createPerson } from '../testing/people.ts';
import { freeName, orderOptions } from './order-options.ts';
import { pricesOn, taxOf } from './price.ts';
import { announceImage, publishImage } from './publish-image.ts';
import { orderOptions as orderOptionsShape } from './schema.ts';
import { listImages } from './staff-images.ts';

const bridge = { v4: '10.77.0.1/24', v6: 'fd77:7473:7562::1/64' };
let test: TestDatabase;
let deps: TestDeps;

beforeAll(async () => {
  test = await createTestDatabase();
  deps = testDeps(test.db);
  await seed(test.db, bridge);
});
afterAll(() => test.drop());

describe('the seed', () => {
  it('changes nothing the second time, nor what an operator changed', async () => {
    await test.db.plan.update({ where: { id: 'v1-256' }, data: { nameEn: 'Tiny', active: false } });
    const counts = () =>
      Promise.all([test.db.address.count(), test.db.planPrice.count(), test.db.taxRate.count(), test.db.pool.count()]);
    const before = await counts();
    await seed(test.db, { ...bridge, v4: '10.99.0.1/24' });
    // A pool that is there keeps its network; only addresses could be added.
    expect(await test.db.pool.findMany({ orderBy: { id: 'asc' } })).toMatchObject([
      { family: 'v4', cidr: '10.77.0.0/24', gateway: '10.77.0.1', prefix: 24 },
      { family: 'v6', cidr: 'fd77:7473:7562::/64', gateway: 'fd77:7473:7562::1', prefix: 64 },
    ]);
    expect(await counts()).toEqual(before);
    expect(await test.db.plan.findUnique({ where: { id: 'v1-256' } })).toMatchObject({ nameEn: 'Tiny', active: false });
    await test.db.plan.update({ where: { id: 'v1-256' }, data: { nameEn: '256 MB', active: true } });
  });

  it('offers 241 addresses of each family inside their networks, and never the gateway', async () => {
    const addresses = await test.db.address.findMany({ orderBy: { id: 'asc' } });
    const of = (family: string) => addresses.filter((row) => row.family === family).map((row) => row.address);
    expect([of('v4').length, of('v4')[0], of('v4').at(-1)]).toEqual([241, '10.77.0.10', '10.77.0.250']);
    expect([of('v6').length, of('v6')[0]]).toEqual([241, 'fd77:7473:7562::10']);
  });
});

describe('prices', () => {
  it('have their tax rounded down', () => {
    expect([taxOf(999, 1_000), taxOf(1_000, 1_000), taxOf(1, 1_000), taxOf(0, 1_000), taxOf(999, 800)]).toEqual([
      99, 100, 0, 0, 79,
    ]);
  });

  it('are those of the newest date that is not after the first day', async () => {
    await test.db.planPrice.create({
      data: { id: 'next', planId: 'v2-1', fromDate: toDateColumn('2026-07-01'), yen: 900 },
    });
    const on = async (day: string) => (await pricesOn(test.db, ['v2-1'], day)).get('v2-1');
    expect(await on('2026-06-30')).toMatchObject({ yen: 880, taxYen: 88, yenWithTax: 968, taxPercent: 10 });
    expect(await on('2026-07-01')).toMatchObject({ planPriceId: 'next', yen: 900, yenWithTax: 990 });
    expect(await on('2023-12-31')).toBeUndefined();
    await test.db.planPrice.delete({ where: { id: 'next' } });
  });

  it('carry the rate of the last day of the term (R4)', async () => {
    const rate = { class: 'standard', fromDate: toDateColumn('2030-04-01'), basisPoints: 1_200 };
    await test.db.taxRate.create({ data: rate });
    const percent = async (day: string) => (await pricesOn(test.db, ['v2-1'], day)).get('v2-1')?.taxPercent;
    expect(await percent('2030-03-01')).toBe(10);
    expect(await percent('2030-03-02')).toBe(12);
    await test.db.taxRate.delete({ where: { class_fromDate: { class: 'standard', fromDate: rate.fromDate } } });
  });
});

describe('what may be ordered', () => {
  it('has the shape of its contract: plans with prices, zones with room, the first term', async () => {
    const { accountId } = await createPerson(deps);
    // 2026-01-31 in Tokyo, still the 30th in UTC; the business clock is a day ahead of the system's.
    deps.clock.set(new Date('2026-01-29T15:30:00Z'));
    await test.db.businessClock.update({ where: { id: 1 }, data: { offsetMs: 24n * 3600n * 1000n } });
    const options = orderOptionsShape.parse(await orderOptions(deps, accountId));
    expect(options.term).toEqual({ first: '2026-01-31', last: '2026-02-27', renewal: '2026-02-28' });
    expect(options.plans.map((plan) => plan.yenWithTax)).toEqual([418, 638, 968, 1_738, 3_498, 7_018, 14_058]);
    expect(options.plans.every((plan) => plan.zonesWithRoom.length === 0)).toBe(true);
    expect(options).toMatchObject({
      zones: [{ id: 'tokyo1', nameJa: '東京1' }],
      suggestedName: 'web-1',
      takesPayment: false,
    });
  });

  it('names the zones that have room', async () => {
    const { accountId } = await createPerson(deps);
    const host = { id: newId('hst'), zoneId: 'tokyo1', name: 'h1', agentUrl: 'https://127.0.0.1:9443' };
    const now = deps.clock.now();
    await test.db.host.create({
      data: { ...host, vcpuTotal: 2, memoryMiBTotal: 4_096, diskGiBTotal: 100, joinedAt: now, lastContactAt: now },
    });
    const { plans } = await orderOptions(deps, accountId);
    // 4 GiB less the 2 kept back for the host: what needs more has no room.
    expect(plans.filter((plan) => plan.zonesWithRoom.includes('tokyo1')).map((plan) => plan.memoryMiB)).toEqual([
      256, 512, 1_024, 2_048,
    ]);
  });

  it('leaves out images that are withdrawn: a new file of a family takes the place of the old', async () => {
    const { accountId } = await createPerson(deps);
    const [a, b] = ['a'.repeat(64), 'b'.repeat(64)];
    expect(await publishImage(deps, { family: 'small', digest: a, bytes: 10 })).toBe(true);
    expect(await publishImage(deps, { family: 'small', digest: a, bytes: 10 })).toBe(false);
    expect((await orderOptions(deps, accountId)).images).toMatchObject([
      { family: 'small', version: '1', state: 'ready' },
    ]);
    expect(await publishImage(deps, { family: 'small', digest: b, bytes: 11 })).toBe(true);
    expect((await orderOptions(deps, accountId)).images).toMatchObject([{ version: '2' }]);
    expect(await publishImage(deps, { family: 'small', digest: a, bytes: 10 })).toBe(true);
    expect((await orderOptions(deps, accountId)).images).toMatchObject([{ version: '1' }]);
    expect(await test.db.event.count({ where: { subject: { startsWith: 'image:' } } })).toBe(3);
  });

  it('shows what is being prepared, before what is less; staff’s reason goes with the file that works', async () => {
    const { accountId } = await createPerson(deps);
    const [c, d] = ['c'.repeat(64), 'd'.repeat(64)];
    const offered = async () =>
      (await orderOptions(deps, accountId)).images.map(({ family, version, state }) => [family, version, state]);
    const problem = async () =>
      (await test.db.image.findMany({ where: { family: 'debian12', problem: { not: null } } })).map(
        (row) => row.problem,
      );
    await announceImage(deps, 'debian12', null);
    await announceImage(deps, 'debian12', 'no mirror');
    expect(await problem()).toEqual(['no mirror']);
    const small = ['small', '1', 'ready'];
    expect(await offered()).toEqual([['debian12', '1', 'preparing'], small]);
    // Staff see why, and how many servers began with what is there.
    const [debian, ...others] = await listImages(deps);
    expect(debian).toMatchObject({ state: 'preparing', problem: 'no mirror', digest: null, bytes: null, servers: 0 });
    expect(others.every(({ state, problem }) => state === 'ready' && problem === null)).toBe(true);
    // In the place of what was announced: whoever looks at the order page sees it become ready.
    await publishImage(deps, { family: 'debian12', digest: c, bytes: 10 });
    expect([await offered(), await problem()]).toEqual([[['debian12', '1', 'ready'], small], []]);
    // A newer one that cannot be built takes nothing away.
    await announceImage(deps, 'debian12', 'x'.repeat(5_000));
    expect(await offered()).toEqual([['debian12', '1', 'ready'], small]);
    expect(await problem()).toEqual(['x'.repeat(4_000)]);
    expect(await publishImage(deps, { family: 'debian12', digest: c, bytes: 10 })).toBe(false);
    expect(await problem()).toEqual([]);
    await publishImage(deps, { family: 'debian12', digest: d, bytes: 10 });
    expect(await offered()).toEqual([['debian12', '2', 'ready'], small]);
  });

  it('suggests a name that is free', () => {
    expect(freeName(new Set())).toBe('web-1');
    expect(freeName(new Set(['web-1', 'web-3']))).toBe('web-2');
  });
});
