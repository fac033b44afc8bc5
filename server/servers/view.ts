/** Servers as their account sees them. */
import { hostKeys } from '../../compute-agent/contract/shapes.ts';
import { taxOf } from '../catalog/price.ts';
import { businessNow, civilDate, fromDateColumn, termAt } from '../clock.ts';
import type { Deps } from '../deps.ts';
import { PublicError } from '../errors.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import type { MemberRole } from '../generated/prisma/enums.ts';
import { viewOperations, viewSelect } from '../operations/view.ts';
import { factsOf, factsSelect } from './facts.ts';
import { type EffectiveState, type OperationView, type ServerView, serverActions } from './schema.ts';
import { attentionOf, canDo, effectiveState, isSilent } from './state.ts';

/** A failure stays on the page for this long, unless something newer happened. */
const WORTH_A_LOOK_MS = 60 * 60_000;

/** The host's `since` is that of what it saw, not of an operation, a silence or a mark of ours. */
const isObserved: ReadonlySet<EffectiveState> = new Set(['running', 'stopped', 'stopped-by-guest']);

const select = {
  ...factsSelect,
  id: true,
  name: true,
  hostname: true,
  virtio: true,
  passwordHash: true,
  hostKeys: true,
  createdAt: true,
  plan: {
    select: {
      ...{ id: true, nameJa: true, nameEn: true, vcpu: true, memoryMiB: true, diskGiB: true },
      prices: { orderBy: { fromDate: 'desc' }, select: { fromDate: true, yen: true } },
    },
  },
  zone: { select: { id: true, nameJa: true, nameEn: true } },
  image: { select: { id: true, nameJa: true, nameEn: true, version: true, loginUser: true } },
  screen: { select: { takenAt: true } },
  holds: { where: { until: null }, select: { address: { select: { family: true, address: true } } } },
  subscription: {
    select: {
      state: true,
      startDate: true,
      activatedAt: true,
      cancelRequestedAt: true,
      planPrice: { select: { yen: true } },
    },
  },
} satisfies Prisma.ServerSelect;
type Row = Prisma.ServerGetPayload<{ select: typeof select }>;

/** Without those that were given back. */
export async function listServers(deps: Deps, accountId: string, role: MemberRole): Promise<ServerView[]> {
  return view(
    deps,
    await deps.db.server.findMany({ where: { accountId, deletedAt: null }, select, orderBy: { name: 'asc' } }),
    role,
  );
}

/** Also one that was given back: its page says so. @throws PublicError NOT_FOUND */
export async function getServer(deps: Deps, accountId: string, id: string, role: MemberRole): Promise<ServerView> {
  const rows = await deps.db.server.findMany({ where: { id, accountId }, select });
  const [server] = await view(deps, rows, role);
  if (!server) throw new PublicError('NOT_FOUND', { detail: `server ${id}` });
  return server;
}

async function view(deps: Deps, rows: Row[], role: MemberRole): Promise<ServerView[]> {
  const { db, clock } = deps;
  const [today, taxRates, operations] = await Promise.all([
    businessNow(db, clock).then(civilDate),
    db.taxRate.findMany({ where: { class: 'standard' }, orderBy: { fromDate: 'desc' } }),
    operationsOf(
      deps,
      rows.map((row) => row.id),
    ),
  ]);
  const basisPointsOn = (date: string): number =>
    taxRates.find((rate) => fromDateColumn(rate.fromDate) <= date)?.basisPoints ?? 0;
  const now = clock.now();
  return rows.map((row) => {
    const { prices: _, ...plan } = row.plan;
    const facts = factsOf(row);
    const placement = row.placements[0];
    const anchor = row.subscription ? fromDateColumn(row.subscription.startDate) : today;
    const { first, last, renewal } = termAt(anchor, today);
    const state = effectiveState(facts, now);
    const yen = yenOf(row, first);
    const addressOf = (family: 'v4' | 'v6') =>
      row.holds.find((hold) => hold.address.family === family)?.address.address ?? null;
    return {
      id: row.id,
      name: row.name,
      hostname: row.hostname,
      state,
      attention: attentionOf(facts, now),
      since: isObserved.has(state) ? (placement?.since?.toISOString() ?? null) : null,
      observedAt: placement?.observedAt?.toISOString() ?? null,
      stale: placement !== undefined && isSilent(placement.host.lastContactAt, now),
      ipv4: addressOf('v4'),
      ipv6: addressOf('v6'),
      loginUser: row.image.loginUser,
      signIn: row.passwordHash === null ? 'keys' : 'password',
      virtio: row.virtio,
      hostKeys: row.hostKeys === null ? [] : hostKeys.shape.fingerprints.parse(row.hostKeys),
      plan,
      zone: row.zone,
      image: { id: row.image.id, nameJa: row.image.nameJa, nameEn: row.image.nameEn, version: row.image.version },
      monthlyYenWithTax: yen + taxOf(yen, basisPointsOn(last)),
      nextRenewal: isRenewed(row.subscription, state) ? renewal : null,
      screen: row.screen && { takenAt: row.screen.takenAt.toISOString() },
      createdAt: row.createdAt.toISOString(),
      deleteProtection: row.deleteProtection,
      can: Object.fromEntries(
        serverActions.map((action) => [action, canDo(action, facts, role, now)]),
      ) as ServerView['can'],
      operation: operations.get(row.id) ?? null,
    };
  });
}

/** The price agreed to for the first term, later the plan's on the term's first day. Without tax. */
function yenOf({ plan, subscription }: Row, first: string): number {
  if (subscription === null) return 0;
  if (first === fromDateColumn(subscription.startDate)) return subscription.planPrice.yen;
  const price = plan.prices.find((one) => fromDateColumn(one.fromDate) <= first);
  return price?.yen ?? subscription.planPrice.yen;
}

/** One that is being made will be, unless that fails. */
const isRenewed = (subscription: Row['subscription'], state: EffectiveState): boolean =>
  subscription?.state === 'active' &&
  subscription.cancelRequestedAt === null &&
  (subscription.activatedAt !== null || state === 'creating');

/** The newest of each server, if it runs or is worth a look. */
async function operationsOf({ db, clock }: Deps, serverIds: string[]): Promise<Map<string, OperationView>> {
  const recent = new Date(clock.now().getTime() - WORTH_A_LOOK_MS);
  const rows = await db.operation.findMany({
    where: { serverId: { in: serverIds }, OR: [{ endedAt: null }, { endedAt: { gte: recent } }] },
    orderBy: { createdAt: 'desc' },
    distinct: ['serverId'],
    select: viewSelect,
  });
  const shown = rows.filter((row) => ['queued', 'running', 'stuck', 'failed', 'undone'].includes(row.state));
  return new Map((await viewOperations(db, shown)).map((operation) => [operation.serverId ?? '', operation]));
}
