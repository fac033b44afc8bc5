import type { Db } from '../db.ts';
import { PublicError } from '../errors.ts';
import type { OperationView } from '../servers/schema.ts';
import { viewOperations, viewSelect } from './view.ts';

const HISTORY = 100;

/** @throws PublicError NOT_FOUND */
export async function getOperation(db: Db, accountId: string, id: string): Promise<OperationView> {
  const row = await db.operation.findFirst({ where: { id, accountId }, select: viewSelect });
  const [view] = row ? await viewOperations(db, [row]) : [];
  if (!view) throw new PublicError('NOT_FOUND', { detail: `operation ${id}` });
  return view;
}

/** Newest first. */
export async function listOperations(db: Db, accountId: string, serverId: string): Promise<OperationView[]> {
  const rows = await db.operation.findMany({
    where: { accountId, serverId },
    orderBy: { createdAt: 'desc' },
    take: HISTORY,
    select: viewSelect,
  });
  return viewOperations(db, rows);
}
