/** Offers an OS template. An image is immutable: another file is another image, and the older one is withdrawn. */
import type { Deps } from '../deps.ts';
import { emit } from '../events/emit.ts';
import { newId } from '../ids.ts';

/** What the project builds itself; operators' own families come with the image library. */
const families = {
  small: {
    nameJa: 'Tsubo Small（動作確認用の小さなLinux）',
    nameEn: 'Tsubo Small (a tiny Linux for trying things out)',
    minDiskGiB: 1,
    minMemoryMiB: 256,
    virtioOff: true,
    loginUser: 'root',
  },
} as const;
export type ImageFamily = keyof typeof families;
export const imageFamilies = Object.keys(families) as ImageFamily[];

/** @returns whether it was new */
export async function publishImage(
  deps: Deps,
  { family, digest, bytes }: { family: ImageFamily; digest: string; bytes: number },
): Promise<boolean> {
  const at = deps.clock.now();
  return deps.db.$transaction(async (tx) => {
    const known = await tx.image.findMany({ where: { family }, select: { id: true, digest: true, state: true } });
    if (known.some((image) => image.digest === digest && image.state === 'ready')) return false;
    const again = known.find((image) => image.digest === digest);
    const id = again?.id ?? newId('img', deps.random);
    if (again) await tx.image.update({ where: { id }, data: { state: 'ready' } });
    else {
      const version = String(known.length + 1);
      const data = { id, family, version, ...families[family], state: 'ready', digest, bytes, createdAt: at } as const;
      await tx.image.create({ data });
    }
    await tx.image.updateMany({ where: { family, id: { not: id } }, data: { state: 'withdrawn' } });
    await emit(tx, { accountId: null, subject: `image:${id}`, kind: 'published', at });
    return true;
  });
}
