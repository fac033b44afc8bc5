/**
 * The account-scoped loaders: the only way from an id in a request to a row. Another account's row is absent,
 * and the two cannot be told apart.
 */
import type { Db, Tx } from '../db.ts';
import { PublicError } from '../errors.ts';
import type { Server, SshKey } from '../generated/prisma/client.ts';

function found<T>(row: T | null, what: string): T {
  if (row === null) throw new PublicError('NOT_FOUND', { detail: what });
  return row;
}

/** Also a deleted one: what may be done with it is for `can` to say. @throws PublicError NOT_FOUND */
export const loadServer = async (db: Db | Tx, accountId: string, id: string): Promise<Server> =>
  found(await db.server.findFirst({ where: { id, accountId } }), `server ${id}`);

/** All of them, in the order asked. @throws PublicError NOT_FOUND when one is absent */
export async function loadSshKeys(db: Db | Tx, accountId: string, ids: string[]): Promise<SshKey[]> {
  const rows = await db.sshKey.findMany({ where: { accountId, id: { in: ids } } });
  return ids.map((id) => found(rows.find((row) => row.id === id) ?? null, `SSH key ${id}`));
}
