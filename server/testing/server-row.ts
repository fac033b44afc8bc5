import type { Deps } from '../deps.ts';
import type { Observed } from '../generated/prisma/enums.ts';
import { newId, serverId } from '../ids.ts';

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

/** The server's body on a host of its own, as that host has just said; one that it had before is gone. */
export async function placeServer({ db, clock }: Deps, id: string, observed: Observed): Promise<void> {
  const now = clock.now();
  const hostId = newId('hst');
  await db.placement.deleteMany({ where: { serverId: id } });
  await db.host.create({
    data: { id: hostId, zoneId: 'test-zone', name: hostId, agentUrl: 'https://192.0.2.1:1', lastContactAt: now },
  });
  await db.placement.create({
    data: {
      ...{ id: newId('plc'), serverId: id, hostId, generation: 1, observed, reason: 'booted' },
      ...{ observedAt: now, since: now, createdAt: now },
    },
  });
}
