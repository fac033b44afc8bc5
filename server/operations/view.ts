/** Operations as people see them. */
import { z } from 'zod';
import type { Db } from '../db.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import type { OperationKind } from '../generated/prisma/enums.ts';
import type { OperationView } from '../servers/schema.ts';
import { staffActsOf } from './staff-acts.ts';

export const viewSelect = {
  id: true,
  kind: true,
  state: true,
  serverId: true,
  attempt: true,
  actorKind: true,
  requestedBy: true,
  errorCode: true,
  result: true,
  createdAt: true,
  endedAt: true,
  server: { select: { name: true } },
  steps: {
    orderBy: { seq: 'asc' },
    select: { attempt: true, name: true, state: true, startedAt: true, endedAt: true, hostWord: true },
  },
} satisfies Prisma.OperationSelect;
export type OperationRow = Prisma.OperationGetPayload<{ select: typeof viewSelect }>;

const facts = z.object({ waitsUntil: z.iso.datetime().optional(), guestIgnored: z.boolean().optional() }).catch({});
const USUAL_SAMPLES = 50;
const USUAL_SAMPLES_MIN = 5;

const iso = (date: Date | null): string | null => date?.toISOString() ?? null;

export async function viewOperations(db: Db, rows: OperationRow[]): Promise<OperationView[]> {
  const people = [
    ...new Set(rows.flatMap((row) => (row.actorKind === 'user' && row.requestedBy ? [row.requestedBy] : []))),
  ];
  const kinds = [...new Set(rows.filter((row) => row.endedAt === null).map((row) => row.kind))];
  const [users, usual, acts] = await Promise.all([
    people.length ? db.user.findMany({ where: { id: { in: people } }, select: { id: true, name: true } }) : [],
    Promise.all(kinds.map(async (kind) => [kind, await usualSeconds(db, kind)] as const)),
    staffActsOf(db, rows),
  ]);
  const names = new Map(users.map((user) => [user.id, user.name]));
  const usualOf = new Map(usual);
  return rows.map((row) => ({
    ...viewOf(row, row.requestedBy ? (names.get(row.requestedBy) ?? null) : null, usualOf.get(row.kind) ?? null),
    staffActs: acts.get(row.id) ?? [],
  }));
}

function viewOf(row: OperationRow, startedBy: string | null, usual: number | null): Omit<OperationView, 'staffActs'> {
  const steps = row.steps.filter((step) => step.attempt === row.attempt);
  const waits = steps.some((step) => step.name === 'wait' && step.state === 'running');
  const { waitsUntil } = facts.parse(row.result ?? {});
  return {
    id: row.id,
    kind: row.kind,
    state: row.state,
    serverId: row.serverId,
    serverName: row.server?.name ?? null,
    steps: steps.map((step) => ({
      name: step.name,
      state: step.state,
      startedAt: iso(step.startedAt),
      endedAt: iso(step.endedAt),
    })),
    startedBy: {
      kind: row.actorKind === 'staff' ? 'staff' : row.actorKind === 'system' ? 'system' : 'user',
      // Staff act as the company, not by name.
      name: row.actorKind === 'user' ? startedBy : null,
    },
    createdAt: row.createdAt.toISOString(),
    endedAt: iso(row.endedAt),
    usualSeconds: usual,
    waitsUntil: waits && waitsUntil ? waitsUntil : null,
    failure:
      row.errorCode && (row.state === 'failed' || row.state === 'stuck') ? { code: row.errorCode, params: {} } : null,
  };
}

/** Median of the last ones that succeeded; null below five, where it would say nothing. */
async function usualSeconds(db: Db, kind: OperationKind): Promise<number | null> {
  const rows = await db.operation.findMany({
    where: { kind, state: 'succeeded', startedAt: { not: null } },
    orderBy: { createdAt: 'desc' },
    take: USUAL_SAMPLES,
    select: { startedAt: true, endedAt: true },
  });
  const seconds = rows.flatMap(({ startedAt, endedAt }) =>
    startedAt && endedAt ? [(endedAt.getTime() - startedAt.getTime()) / 1000] : [],
  );
  if (seconds.length < USUAL_SAMPLES_MIN) return null;
  return seconds.sort((a, b) => a - b)[Math.floor(seconds.length / 2)] ?? null;
}
