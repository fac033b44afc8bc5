import type { Deps } from '../deps.ts';
import { serverId } from '../ids.ts';

/** A server of an account, without a body: enough for who may see and touch it. @returns its id */
export async function createServerRow({ db, clock }: Deps, accountId: string, name = 'web-1'): Promise<string> {
  const id = serverId();
  const createdAt = clock.now();
  const zone = { id: 'test-zone', nameJa: 'z', nameEn: 'z' };
  await db.zone.createMany({ data: [zone], skipDuplicates: true });
  const plan = { id: 'test-plan', nameJa: 'p', nameEn: 'p', vcpu: 1, memoryMiB: 256, diskGiB: 5, transferGiB: 100 };
  await db.plan.createMany({ data: [plan], skipDuplicates: true });
  const image = {
    id: 'test-image',
    family: 'small',
    version: '1',
    nameJa: 's',
    nameEn: 's',
    minDiskGiB: 1,
    minMemoryMiB: 64,
  };
  await db.image.createMany({ data: [{ ...image, state: 'preparing', createdAt }], skipDuplicates: true });
  await db.server.create({
    data: {
      ...{ id, accountId, name, hostname: name, zoneId: zone.id, planId: plan.id, imageId: image.id },
      ...{ domainUuid: crypto.randomUUID(), intended: 'running', sshKeys: [], createdAt },
    },
  });
  return id;
}
