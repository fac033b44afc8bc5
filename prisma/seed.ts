/**
 * What a fresh installation sells: one zone, plans with prices, tax rates, an address pool. Every row is made
 * if it is absent and left alone if it is there, so an operator's changes stay.
 */
import { toDateColumn } from '../server/clock.ts';
import type { Db } from '../server/db.ts';

/** The guests' bridge as the agent has it: gateway and prefix, e.g. 10.77.0.1/24. */
export type Bridge = { v4: string; v6: string };

const ZONE = { id: 'tokyo1', nameJa: '東京1', nameEn: 'Tokyo 1', sort: 1 };

/** Sizes, and yen per month without tax. */
const PLANS = [
  { id: 'v1-256', size: '256 MB', vcpu: 1, memoryMiB: 256, diskGiB: 10, transferGiB: 500, yen: 380 },
  { id: 'v1-512', size: '512 MB', vcpu: 1, memoryMiB: 512, diskGiB: 25, transferGiB: 1_000, yen: 580 },
  { id: 'v2-1', size: '1 GB', vcpu: 2, memoryMiB: 1_024, diskGiB: 50, transferGiB: 2_000, yen: 880 },
  { id: 'v3-2', size: '2 GB', vcpu: 3, memoryMiB: 2_048, diskGiB: 100, transferGiB: 3_000, yen: 1_580 },
  { id: 'v4-4', size: '4 GB', vcpu: 4, memoryMiB: 4_096, diskGiB: 200, transferGiB: 5_000, yen: 3_180 },
  { id: 'v6-8', size: '8 GB', vcpu: 6, memoryMiB: 8_192, diskGiB: 400, transferGiB: 8_000, yen: 6_380 },
  { id: 'v8-16', size: '16 GB', vcpu: 8, memoryMiB: 16_384, diskGiB: 800, transferGiB: 10_000, yen: 12_780 },
];
const PRICES_FROM = '2024-01-01';

const TAX_RATES = [
  { class: 'standard', fromDate: '2014-04-01', basisPoints: 800 },
  { class: 'standard', fromDate: '2019-10-01', basisPoints: 1_000 },
];

export async function seed(db: Db, bridge: Bridge): Promise<void> {
  const skipDuplicates = true;
  await db.zone.createMany({ data: [ZONE], skipDuplicates });
  await db.businessClock.createMany({ data: [{ id: 1 }], skipDuplicates });
  await db.taxRate.createMany({
    data: TAX_RATES.map((rate) => ({ ...rate, fromDate: toDateColumn(rate.fromDate) })),
    skipDuplicates,
  });
  const known = new Set((await db.plan.findMany({ select: { id: true } })).map((plan) => plan.id));
  for (const [sort, { size, yen, ...plan }] of PLANS.entries()) {
    if (known.has(plan.id)) continue;
    const prices = { create: { id: `${plan.id}-${PRICES_FROM}`, fromDate: toDateColumn(PRICES_FROM), yen } };
    await db.plan.create({ data: { ...plan, nameJa: `${size}プラン`, nameEn: size, sort, prices } });
  }
  await seedPool(db, 'v4', bridge.v4, v4Addresses(bridge.v4));
  await seedPool(db, 'v6', bridge.v6, v6Addresses(bridge.v6));
}

async function seedPool(db: Db, family: 'v4' | 'v6', gatewayCidr: string, addresses: string[]): Promise<void> {
  const { address: gateway, prefix } = splitCidr(gatewayCidr);
  const id = `pol_${ZONE.id}_${family}`;
  const pool = { id, zoneId: ZONE.id, family, cidr: networkOf(family, gatewayCidr), gateway, prefix };
  await db.pool.createMany({ data: [pool], skipDuplicates: true });
  // Ids in the order of the addresses: the first server gets .10 and ::10.
  const data = addresses.map((address, at) => ({
    id: `adr_${ZONE.id}_${family}_${String(at).padStart(4, '0')}`,
    poolId: id,
    family,
    address,
  }));
  await db.address.createMany({ data, skipDuplicates: true });
}

/** Low ones are kept for the gateway and the operator's own machines, high ones for later. */
const FIRST = 10;
const LAST = 250;
const numbers = Array.from({ length: LAST - FIRST + 1 }, (_, at) => FIRST + at);

function v4Addresses(cidr: string): string[] {
  const base = v4Network(cidr);
  return numbers.map((number) => v4Text(base + number));
}

/** The same digits as in IPv4: …::10 stands beside ….10. */
const v6Addresses = (cidr: string): string[] => numbers.map((number) => `${v6Network(cidr)}${number}`);

function splitCidr(cidr: string): { address: string; prefix: number } {
  const [address = '', prefix = ''] = cidr.split('/');
  return { address, prefix: Number(prefix) };
}

const networkOf = (family: 'v4' | 'v6', cidr: string): string =>
  `${family === 'v4' ? v4Text(v4Network(cidr)) : v6Network(cidr)}/${splitCidr(cidr).prefix}`;

function v4Network(cidr: string): number {
  const { address, prefix } = splitCidr(cidr);
  if (!(prefix >= 8 && prefix <= 24)) throw new Error(`The pool ${cidr} must be a /24 or larger.`);
  const value = address.split('.').reduce((total, part) => total * 256 + Number(part), 0);
  return value - (value % 2 ** (32 - prefix));
}
const v4Text = (value: number): string => [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');

function v6Network(cidr: string): string {
  const match = /^([0-9a-f:]+::)[0-9a-f]*\/64$/i.exec(cidr);
  if (!match?.[1]) throw new Error(`The pool ${cidr} must be a /64 written like fd77:7473:7562::1/64.`);
  return match[1];
}
