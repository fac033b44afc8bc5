/** Attempts counted in the database: over many processes, and not forgotten by a restart. */
import type { Clock } from '../clock.ts';
import type { Db } from '../db.ts';
import { newId, type Random } from '../ids.ts';

export type LimitRule = { /** Attempts per window. */ max: number; windowSeconds: number };
export type Attempt =
  | { allowed: true }
  | {
      allowed: false;
      retryAfterSeconds: number;
      /** How many of this window were refused, with this one. */
      refused: number;
    };

const FORGET_AFTER_MS = 24 * 60 * 60 * 1000;

/**
 * Counts one attempt and says whether it is allowed, in one statement: attempts at the same time cannot all
 * pass on the same count. The window begins with its first attempt.
 */
export async function countAttempt(
  { db, clock, random }: { db: Db; clock: Clock; random: Random },
  key: string,
  { max, windowSeconds }: LimitRule,
): Promise<Attempt> {
  const now = BigInt(clock.now().getTime());
  const begun = now - BigInt(windowSeconds) * 1000n;
  const rows = await db.$queryRaw<{ count: number; lastRequest: bigint }[]>`
    INSERT INTO "RateLimit" AS r ("id", "key", "count", "lastRequest") VALUES (${newId('req', random)}, ${key}, 1, ${now})
    ON CONFLICT ("key") DO UPDATE SET
      "count" = CASE WHEN r."lastRequest" <= ${begun} THEN 1 ELSE r."count" + 1 END,
      "lastRequest" = CASE WHEN r."lastRequest" <= ${begun} THEN ${now} ELSE r."lastRequest" END
    RETURNING "count", "lastRequest"`;
  const row = rows[0];
  if (!row) throw new Error('an attempt was not counted');
  if (row.count === 1) await db.rateLimit.deleteMany({ where: { lastRequest: { lt: now - BigInt(FORGET_AFTER_MS) } } });
  if (row.count <= max) return { allowed: true };
  const ends = Number(row.lastRequest) + windowSeconds * 1000;
  return {
    allowed: false,
    refused: row.count - max,
    retryAfterSeconds: Math.max(1, Math.ceil((ends - Number(now)) / 1000)),
  };
}

export async function forgetAttempts(db: Db, key: string): Promise<void> {
  await db.rateLimit.deleteMany({ where: { key } });
}
