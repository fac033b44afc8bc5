import type { Tx } from '../db.ts';

export type NewEvent = {
  /** Whose it is; null for what belongs to no account (hosts, images). */
  accountId: string | null;
  /** What to read again: server:<id>, operation:<id>, account:<id>, host:<id>, image:<id>. */
  subject: string;
  kind: string;
  /** The system clock's now. */
  at: Date;
};

/**
 * Tells open pages that something changed. Only inside the transaction that makes the change: readers take
 * events in commit order, so nobody hears of a state before it can be read.
 */
export async function emit(tx: Tx, ...events: NewEvent[]): Promise<void> {
  await tx.event.createMany({ data: events.map(({ at, ...event }) => ({ ...event, createdAt: at })) });
}
