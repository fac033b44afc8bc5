import type { Db, Tx } from '../db.ts';

/** How many an account may have, unless its own row in Limit says otherwise. */
export const defaultLimits = { servers: 10, sshKeys: 50 } as const;
export type LimitKey = keyof typeof defaultLimits;

export async function limitOf(db: Db | Tx, accountId: string, key: LimitKey): Promise<number> {
  const row = await db.limit.findUnique({ where: { accountId_key: { accountId, key } } });
  return row?.value ?? defaultLimits[key];
}
