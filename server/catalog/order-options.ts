/** What may be ordered now, and for how much. */
import { businessNow, civilDate, term } from '../clock.ts';
import type { Deps } from '../deps.ts';
import { zonesWithRoom } from '../hosts/capacity.ts';
import { TAKES_PAYMENT } from './payment.ts';
import { pricesOn } from './price.ts';
import type { OrderOptions } from './schema.ts';

export async function orderOptions(deps: Deps, accountId: string): Promise<OrderOptions> {
  const { db, clock } = deps;
  const today = civilDate(await businessNow(db, clock));
  const [zones, plans, images, names] = await Promise.all([
    db.zone.findMany({ orderBy: [{ sort: 'asc' }, { id: 'asc' }], select: { id: true, nameJa: true, nameEn: true } }),
    db.plan.findMany({ where: { active: true }, orderBy: [{ sort: 'asc' }, { id: 'asc' }] }),
    db.image.findMany({ where: { state: { not: 'withdrawn' } }, orderBy: [{ sort: 'asc' }, { createdAt: 'desc' }] }),
    db.server.findMany({ where: { accountId, deletedAt: null }, select: { name: true } }),
  ]);
  const [prices, room] = await Promise.all([
    pricesOn(
      db,
      plans.map((plan) => plan.id),
      today,
    ),
    zonesWithRoom({ db, clock }, plans),
  ]);
  return {
    zones,
    plans: plans.flatMap((plan) => {
      const price = prices.get(plan.id);
      if (!price) return [];
      const { id, nameJa, nameEn, vcpu, memoryMiB, diskGiB, transferGiB } = plan;
      const { yen, taxYen, yenWithTax, taxPercent } = price;
      const size = { id, nameJa, nameEn, vcpu, memoryMiB, diskGiB, transferGiB };
      return { ...size, yen, taxYen, yenWithTax, taxPercent, zonesWithRoom: room.get(id) ?? [] };
    }),
    images: images.map((image) => ({
      id: image.id,
      family: image.family,
      version: image.version,
      nameJa: image.nameJa,
      nameEn: image.nameEn,
      state: image.state === 'ready' ? 'ready' : 'preparing',
      loginUser: image.loginUser,
      minDiskGiB: image.minDiskGiB,
      minMemoryMiB: image.minMemoryMiB,
    })),
    suggestedName: freeName(new Set(names.map((server) => server.name))),
    term: term(today, 1),
    takesPayment: TAKES_PAYMENT,
  };
}

/** web-1, or the next number that the account does not use. */
export function freeName(taken: ReadonlySet<string>): string {
  for (let number = 1; ; number++) if (!taken.has(`web-${number}`)) return `web-${number}`;
}
