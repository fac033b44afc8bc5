/** What a plan costs on a day. */
import { type CivilDate, term, toDateColumn } from '../clock.ts';
import type { Db, Tx } from '../db.ts';

export type Price = {
  planPriceId: string;
  /** Monthly, without tax. */
  yen: number;
  taxYen: number;
  yenWithTax: number;
  taxPercent: number;
};

/** R9: once per rate and total, rounded down. */
export const taxOf = (yen: number, basisPoints: number): number => Math.floor((yen * basisPoints) / 10_000);

/**
 * Of a term that begins on `first`: the price from the newest date that is not after it, the tax rate of the
 * term's last day (R4). A plan that is not sold yet has no entry.
 */
export async function pricesOn(db: Db | Tx, planIds: string[], first: CivilDate): Promise<Map<string, Price>> {
  const last = term(first, 1).last;
  const [rows, rate] = await Promise.all([
    db.planPrice.findMany({
      where: { planId: { in: planIds }, fromDate: { lte: toDateColumn(first) } },
      orderBy: { fromDate: 'desc' },
      distinct: ['planId'],
    }),
    db.taxRate.findFirst({
      where: { class: 'standard', fromDate: { lte: toDateColumn(last) } },
      orderBy: { fromDate: 'desc' },
    }),
  ]);
  if (!rate) throw new Error(`no tax rate of class standard on ${last}: seed the database`);
  return new Map(
    rows.map(({ id, planId, yen }) => {
      const taxYen = taxOf(yen, rate.basisPoints);
      return [planId, { planPriceId: id, yen, taxYen, yenWithTax: yen + taxYen, taxPercent: rate.basisPoints / 100 }];
    }),
  );
}
