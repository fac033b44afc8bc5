/**
 * The only place that reads the time.
 *
 * Two clocks. The system clock serves what must not be moved: sessions, leases, heartbeats, how long a step
 * took. The business clock serves what people are billed by: terms, dunning, grace. It is the system's plus an
 * offset in the database, so that a year of billing can be run in seconds; every process sees the same.
 *
 * Business dates are civil dates in Asia/Tokyo (UTC+9, no daylight saving), written YYYY-MM-DD.
 */
import type { Db, Tx } from './db.ts';

export type Clock = { now: () => Date };
export const systemClock: Clock = { now: () => new Date() };

/** The business clock's now. One row read; call it once per request or run, not per row. */
export async function businessNow(db: Db | Tx, clock: Clock): Promise<Date> {
  const row = await db.businessClock.findUnique({ where: { id: 1 } });
  return new Date(clock.now().getTime() + Number(row?.offsetMs ?? 0n));
}

/** YYYY-MM-DD in Asia/Tokyo. */
export type CivilDate = string;

const JST_MS = 9 * 60 * 60 * 1000;
const DAY_MS = 24 * 60 * 60 * 1000;

export const civilDate = (instant: Date): CivilDate => new Date(instant.getTime() + JST_MS).toISOString().slice(0, 10);

/** For columns of PostgreSQL's type `date`, which Prisma reads and writes as midnight UTC. */
export const toDateColumn = (date: CivilDate): Date => new Date(`${date}T00:00:00Z`);
export const fromDateColumn = (value: Date): CivilDate => value.toISOString().slice(0, 10);

export const addDays = (date: CivilDate, days: number): CivilDate =>
  fromDateColumn(new Date(toDateColumn(date).getTime() + days * DAY_MS));

/**
 * R1: the month moves by `months`, the day stays or becomes the last of its month. Always from the anchor,
 * never from the previous result: 31 Jan → 28 Feb → 31 Mar.
 */
export function addMonths(anchor: CivilDate, months: number): CivilDate {
  const { year, month, day } = parts(anchor);
  const index = year * 12 + (month - 1) + months;
  const [toYear, toMonth] = [Math.floor(index / 12), (index % 12) + 1];
  const lastDay = new Date(Date.UTC(toYear, toMonth, 0)).getUTCDate();
  return format(toYear, toMonth, Math.min(day, lastDay));
}

/** Term k (from 1) of one month: first and last day, both inclusive, and the day of the renewal. */
export type Term = { first: CivilDate; last: CivilDate; renewal: CivilDate };
export function term(anchor: CivilDate, k: number): Term {
  const renewal = addMonths(anchor, k);
  return { first: addMonths(anchor, k - 1), last: addDays(renewal, -1), renewal };
}

/** The term that `date` falls into; the first one for a date before the anchor. */
export function termAt(anchor: CivilDate, date: CivilDate): Term {
  const [from, to] = [parts(anchor), parts(date)];
  const months = (to.year - from.year) * 12 + to.month - from.month;
  const begun = addMonths(anchor, months) <= date ? months : months - 1;
  return term(anchor, Math.max(begun, 0) + 1);
}

function parts(date: CivilDate): { year: number; month: number; day: number } {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date);
  if (!match) throw new Error(`not a civil date: ${date}`);
  return { year: Number(match[1]), month: Number(match[2]), day: Number(match[3]) };
}

const format = (year: number, month: number, day: number): CivilDate =>
  `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
