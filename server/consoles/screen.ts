import type { Db } from '../db.ts';
import { loadServer } from '../trpc/load.ts';

/**
 * What the server's screen showed when a console of it was last open.
 * @returns a PNG, or null where none was ever taken
 * @throws PublicError NOT_FOUND for a server of another account
 */
export async function lastScreen(db: Db, accountId: string, serverId: string): Promise<Uint8Array | null> {
  await loadServer(db, accountId, serverId);
  return (await db.screen.findUnique({ where: { serverId }, select: { png: true } }))?.png ?? null;
}
