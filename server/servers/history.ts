/**
 * What was done to a server, by whom, the newest first: its operations, and the changes of its settings, which only
 * the audit log has. One page at a time; a cursor names the last entry of the page before.
 */
import { z } from 'zod';
import type { Db } from '../db.ts';
import { PublicError } from '../errors.ts';
import { viewOperations, viewSelect } from '../operations/view.ts';
import type { HistoryEntry, HistoryPage } from './history-schema.ts';

/** Two entries of one millisecond stand in the order of their ids. */
type Place = { at: Date; id: string };
const cursorText = z.string().regex(/^\d{1,15}:[\w.]{1,60}$/);

const writeCursor = ({ at, id }: Place): string => `${at.getTime()}:${id}`;
function readCursor(text: string): Place {
  const read = cursorText.safeParse(text);
  if (!read.success) throw new PublicError('INPUT', { fields: { cursor: { code: 'format' } } });
  const colon = text.indexOf(':');
  return { at: new Date(Number(text.slice(0, colon))), id: text.slice(colon + 1) };
}

const settingOf = { 'servers.rename': 'rename', 'servers.protect': 'protect' } as const;
const change = z.object({ name: z.string().optional(), deleteProtection: z.boolean().optional() }).catch({});

/** @throws PublicError INPUT for a cursor that is none */
export async function historyOf(
  db: Db,
  { accountId, serverId }: { accountId: string; serverId: string },
  { cursor, limit }: { cursor?: string | undefined; limit: number },
): Promise<HistoryPage> {
  const after = cursor === undefined ? null : readCursor(cursor);
  const operations = { accountId, serverId };
  // A change that was refused changed nothing.
  const settings = {
    accountId,
    subject: `server:${serverId}`,
    action: { in: Object.keys(settingOf) },
    phase: 'completed',
  };
  const [operationRows, settingRows, operationCount, settingCount] = await Promise.all([
    db.operation.findMany({
      where: {
        ...operations,
        ...(after && { OR: [{ createdAt: { lt: after.at } }, { createdAt: after.at, id: { lt: after.id } }] }),
      },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      take: limit + 1,
      select: viewSelect,
    }),
    db.audit.findMany({
      where: {
        ...settings,
        ...(after && { OR: [{ at: { lt: after.at } }, { at: after.at, entryId: { lt: after.id } }] }),
      },
      orderBy: [{ at: 'desc' }, { entryId: 'desc' }],
      take: limit + 1,
      select: { entryId: true, at: true, actorKind: true, actorId: true, action: true, before: true, after: true },
    }),
    db.operation.count({ where: operations }),
    db.audit.count({ where: settings }),
  ]);

  const places = [
    ...operationRows.map((row) => ({ at: row.createdAt, id: row.id })),
    ...settingRows.map((row) => ({ at: row.at, id: row.entryId })),
  ].sort((a, b) => b.at.getTime() - a.at.getTime() || (a.id < b.id ? 1 : -1));
  const shown = places.slice(0, limit);
  const ids = new Set(shown.map(({ id }) => id));

  const [operationViews, names] = await Promise.all([
    viewOperations(
      db,
      operationRows.filter((row) => ids.has(row.id)),
    ),
    namesOf(
      db,
      settingRows.filter((row) => ids.has(row.entryId)),
    ),
  ]);
  const entries = new Map<string, HistoryEntry>();
  for (const operation of operationViews)
    entries.set(operation.id, { what: 'operation', id: operation.id, at: operation.createdAt, operation });
  for (const row of settingRows) {
    const isUser = row.actorKind === 'user';
    entries.set(row.entryId, {
      what: 'setting',
      id: row.entryId,
      at: row.at.toISOString(),
      setting: settingOf[row.action as keyof typeof settingOf],
      // Staff act as the company, not by name.
      by: {
        kind: isUser ? 'user' : row.actorKind === 'staff' ? 'staff' : 'system',
        name: isUser ? (names.get(row.actorId ?? '') ?? null) : null,
      },
      before: change.parse(row.before ?? {}),
      after: change.parse(row.after ?? {}),
    });
  }
  const last = shown.at(-1);
  return {
    entries: shown.flatMap(({ id }) => entries.get(id) ?? []),
    next: last && places.length > limit ? writeCursor(last) : null,
    total: operationCount + settingCount,
  };
}

async function namesOf(db: Db, rows: { actorKind: string; actorId: string | null }[]): Promise<Map<string, string>> {
  const ids = [...new Set(rows.flatMap((row) => (row.actorKind === 'user' && row.actorId ? [row.actorId] : [])))];
  if (ids.length === 0) return new Map();
  const users = await db.user.findMany({ where: { id: { in: ids } }, select: { id: true, name: true } });
  return new Map(users.map((user) => [user.id, user.name]));
}
