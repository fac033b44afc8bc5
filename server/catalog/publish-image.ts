/**
 * Offers an OS template. An image is immutable: another file is another image, and the older one is withdrawn. Before
 * its first file is there, a family is announced: people see what is being prepared, staff see why it is not ready.
 */
import type { Tx } from '../db.ts';
import type { Deps } from '../deps.ts';
import { emit } from '../events/emit.ts';
import { newId } from '../ids.ts';

/** What the project builds itself; operators' own families come with the image library. */
const families = {
  debian12: {
    nameJa: 'Debian 12 (bookworm)',
    nameEn: 'Debian 12 (bookworm)',
    minDiskGiB: 10,
    minMemoryMiB: 512,
    virtioOff: true,
    loginUser: 'root',
    sort: 10,
  },
  small: {
    nameJa: 'Tsubo Small（動作確認用の小さなLinux）',
    nameEn: 'Tsubo Small (a tiny Linux for trying things out)',
    minDiskGiB: 1,
    minMemoryMiB: 256,
    virtioOff: true,
    loginUser: 'root',
    // Behind the systems that one rents a server for.
    sort: 100,
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
    const known = await knownOf(tx, family);
    // The file of a try that worked ends what was said of one that did not.
    await tx.image.updateMany({ where: { family, problem: { not: null } }, data: { problem: null } });
    if (known.some((image) => image.digest === digest && image.state === 'ready')) return false;
    const announced = known.find((image) => image.digest === null);
    const again = known.find((image) => image.digest === digest);
    const id = again?.id ?? announced?.id ?? newId('img', deps.random);
    const data = { ...families[family], state: 'ready', digest, bytes } as const;
    if (again && announced) await tx.image.delete({ where: { id: announced.id } });
    if (again) await tx.image.update({ where: { id }, data: { state: 'ready' } });
    else if (announced) await tx.image.update({ where: { id }, data });
    else await tx.image.create({ data: { id, family, version: versionAfter(known), ...data, createdAt: at } });
    await tx.image.updateMany({ where: { family, id: { not: id } }, data: { state: 'withdrawn' } });
    await emit(tx, { accountId: null, subject: `image:${id}`, kind: 'published', at });
    return true;
  });
}

/**
 * An image of the family is being built. Where one is ready already, nothing is to be seen of that.
 * `problem`: why the last try failed; null: one is under way.
 */
export async function announceImage(deps: Deps, family: ImageFamily, problem: string | null): Promise<void> {
  const at = deps.clock.now();
  await deps.db.$transaction(async (tx) => {
    const known = await knownOf(tx, family);
    const shown = known.find(({ state }) => state === 'ready') ?? known.find(({ digest }) => digest === null);
    const id = shown?.id ?? newId('img', deps.random);
    const words = problem?.slice(-PROBLEM_MAX) || null;
    if (shown) await tx.image.update({ where: { id }, data: { problem: words } });
    else {
      const data = { id, family, version: versionAfter(known), ...families[family], createdAt: at };
      await tx.image.create({ data: { ...data, state: 'preparing', problem: words } });
    }
    await emit(tx, { accountId: null, subject: `image:${id}`, kind: 'preparing', at });
  });
}

const PROBLEM_MAX = 4000;

type Known = { id: string; digest: string | null; state: string };

/** All of a family, until the transaction's end for this one alone: an installation and a builder may both publish. */
async function knownOf(tx: Tx, family: ImageFamily): Promise<Known[]> {
  await tx.$executeRaw`LOCK TABLE "Image" IN SHARE ROW EXCLUSIVE MODE`;
  return tx.image.findMany({ where: { family }, select: { id: true, digest: true, state: true } });
}

const versionAfter = (known: Known[]): string => String(known.length + 1);
