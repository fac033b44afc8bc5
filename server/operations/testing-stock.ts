/** The operator's stock for the harness: one zone, one host, one plan, one image, a few addresses. */
import { toDateColumn } from '../clock.ts';
import type { OperationDeps } from './definition.ts';

export const DIGEST = 'd'.repeat(64);
export const ACCOUNT = 'acc_harness';
export const PRICE_WITH_TAX = 550;
export const HOST = 'hst_harness';
/** Addresses of each family in the pool. */
export const POOL_SIZE = 4;

export async function seedStock({ db, clock }: OperationDeps): Promise<void> {
  const now = clock.now();
  await db.account.create({ data: { id: ACCOUNT, name: 'Harness', createdAt: now } });
  await db.zone.create({ data: { id: 'zone', nameJa: '東京1', nameEn: 'Tokyo 1' } });
  await db.host.create({
    data: {
      id: HOST,
      zoneId: 'zone',
      name: 'harness',
      agentUrl: 'https://127.0.0.1:1',
      vcpuTotal: 8,
      memoryMiBTotal: 16_384,
      diskGiBTotal: 200,
      lastContactAt: new Date(now.getTime() + 3_600_000),
      joinedAt: now,
    },
  });
  for (const family of ['v4', 'v6'] as const) {
    const [net, gateway] = family === 'v4' ? ['10.77.0.', '10.77.0.1'] : ['fd77::', 'fd77::1'];
    await db.pool.create({
      data: {
        id: `pol_${family}`,
        zoneId: 'zone',
        family,
        cidr: family === 'v4' ? '10.77.0.0/24' : 'fd77::/64',
        gateway,
        prefix: family === 'v4' ? 24 : 64,
      },
    });
    await db.address.createMany({
      data: Array.from({ length: POOL_SIZE }, (_, n) => ({
        id: `adr_${family}_${n}`,
        poolId: `pol_${family}`,
        family,
        address: `${net}${10 + n}`,
      })),
    });
  }
  await db.image.create({
    data: {
      id: 'img_harness',
      family: 'small',
      version: '1',
      nameJa: '小',
      nameEn: 'small',
      state: 'ready',
      digest: DIGEST,
      bytes: 1000,
      minDiskGiB: 1,
      minMemoryMiB: 64,
      createdAt: now,
    },
  });
  await db.plan.create({
    data: {
      id: 'plan',
      nameJa: '小',
      nameEn: 'small',
      vcpu: 1,
      memoryMiB: 512,
      diskGiB: 5,
      transferGiB: 100,
      prices: { create: { id: 'price', fromDate: toDateColumn('2020-01-01'), yen: 500 } },
    },
  });
  await db.taxRate.create({
    data: { class: 'standard', fromDate: toDateColumn('2019-10-01'), basisPoints: 1000 },
  });
}
