/** What staff find by a few letters, of all accounts: by name, address, id or e-mail, the newest first. */
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { operationKind } from '../servers/schema.ts';

/** Of each kind. */
const MOST = 8;

export const staffFound = z.object({
  servers: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      ipv4: z.string().nullable(),
      accountName: z.string(),
      /** Given back; its operations are still there. */
      deleted: z.boolean(),
    }),
  ),
  accounts: z.array(z.object({ id: z.string(), name: z.string(), email: z.string().nullable() })),
  hosts: z.array(z.object({ id: z.string(), name: z.string() })),
  /** By its id alone, as customers tell it. */
  operations: z.array(z.object({ id: z.string(), kind: operationKind, serverName: z.string().nullable() })),
});
export type StaffFound = z.infer<typeof staffFound>;

/** @param query empty: nothing */
export async function searchForStaff({ db }: Deps, query: string): Promise<StaffFound> {
  const words = query.normalize('NFKC').trim();
  if (words === '') return { servers: [], accounts: [], hosts: [], operations: [] };
  // Prisma makes a LIKE of these, and leaves its wildcards in.
  const letters = words.replace(/[\\%_]/g, '\\$&');
  const holds = { contains: letters, mode: 'insensitive' } as const;
  const newest = { take: MOST, orderBy: { createdAt: 'desc' } } as const;
  const address = { some: { address: { address: { startsWith: letters.toLowerCase() } } } };
  const [servers, accounts, hosts, operations] = await Promise.all([
    db.server.findMany({
      where: { OR: [{ id: words }, { name: holds }, { hostname: holds }, { holds: address }] },
      ...newest,
      select: {
        ...{ id: true, name: true, deletedAt: true, account: { select: { name: true } } },
        holds: { where: { until: null, family: 'v4' }, select: { address: { select: { address: true } } }, take: 1 },
      },
    }),
    db.account.findMany({
      where: { OR: [{ id: words }, { name: holds }, { members: { some: { user: { email: holds } } } }] },
      ...newest,
      select: { id: true, name: true, members: { select: { user: { select: { email: true } } }, take: 1 } },
    }),
    db.host.findMany({
      where: { OR: [{ id: words }, { name: holds }] },
      ...{ take: MOST, orderBy: { name: 'asc' }, select: { id: true, name: true } },
    }),
    db.operation.findMany({
      where: { id: words },
      select: { id: true, kind: true, server: { select: { name: true } } },
    }),
  ]);
  return {
    servers: servers.map(({ id, name, deletedAt, account, holds: [hold] }) => ({
      ...{ id, name, ipv4: hold?.address.address ?? null, accountName: account.name, deleted: deletedAt !== null },
    })),
    accounts: accounts.map(({ id, name, members: [member] }) => ({ id, name, email: member?.user.email ?? null })),
    hosts,
    operations: operations.map(({ id, kind, server }) => ({ id, kind, serverName: server?.name ?? null })),
  };
}
