/** The OS images as staff see them: what is offered, what is being made, and why the last try failed. */
import { z } from 'zod';
import type { Deps } from '../deps.ts';

export const staffImageView = z.object({
  id: z.string(),
  nameJa: z.string(),
  nameEn: z.string(),
  version: z.string(),
  state: z.enum(['preparing', 'ready']),
  /** Of the file, while it is prepared: null. */
  bytes: z.number().nullable(),
  digest: z.string().nullable(),
  /** Servers that are here now and began with it. */
  servers: z.int(),
  /** The builder's last words; an older file may be offered all the same. */
  problem: z.string().nullable(),
});
export type StaffImageView = z.infer<typeof staffImageView>;

/** In the order of the order page; withdrawn ones are not offered, and left out. */
export async function listImages({ db }: Deps): Promise<StaffImageView[]> {
  const images = await db.image.findMany({
    where: { state: { not: 'withdrawn' } },
    orderBy: [{ sort: 'asc' }, { createdAt: 'asc' }],
    include: { _count: { select: { servers: { where: { deletedAt: null } } } } },
  });
  return images.flatMap(({ id, nameJa, nameEn, version, state, bytes, digest, problem, _count }) =>
    state === 'withdrawn'
      ? []
      : [
          {
            id,
            nameJa,
            nameEn,
            version,
            state,
            bytes: bytes === null ? null : Number(bytes),
            digest,
            servers: _count.servers,
            problem,
          },
        ],
  );
}
