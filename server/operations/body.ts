/** A server's rows as the agent wants them: the whole wanted body, derived from the database alone. */
import { z } from 'zod';
import type { DomainSpec, Seed, Vif, Volume } from '../../compute-agent/contract/shapes.ts';
import type { Db } from '../db.ts';
import { StepFailed } from './failure.ts';

export type Body = {
  image: { digest: string; bytes: number };
  volume: Volume;
  vifs: Vif[];
  spec: DomainSpec;
  seed: Seed;
};

const sshKeys = z.array(z.string());

/** @throws StepFailed where rows are missing: a create that was undone and not reserved again. */
export async function loadBody(db: Db, serverId: string): Promise<Body> {
  const server = await db.server.findUniqueOrThrow({
    where: { id: serverId },
    select: {
      id: true,
      hostname: true,
      domainUuid: true,
      virtio: true,
      passwordHash: true,
      sshKeys: true,
      plan: { select: { vcpu: true, memoryMiB: true } },
      image: { select: { digest: true, bytes: true } },
      vifs: { orderBy: { index: 'asc' }, select: { index: true, mac: true } },
      volumes: { where: { deletedAt: null, role: 'system' }, select: { id: true, sizeGiB: true, backingDigest: true } },
      holds: {
        where: { until: null },
        select: {
          address: { select: { family: true, address: true, pool: { select: { gateway: true, prefix: true } } } },
        },
      },
    },
  });
  const { plan, image } = server;
  const disk = server.volumes[0];
  if (!disk?.backingDigest) throw new StepFailed('OTHER', `server ${serverId} has no disk in the database`);
  if (!image.digest || image.bytes === null) throw new StepFailed('IMAGE_NOT_READY', 'the image has no digest');

  const addressOf = (family: 'v4' | 'v6') => {
    const found = server.holds.find((hold) => hold.address.family === family)?.address;
    if (!found) throw new StepFailed('NO_ADDRESS', `server ${serverId} holds no ${family} address`);
    return found;
  };
  const [v4, v6] = [addressOf('v4'), addressOf('v6')];
  // One fixed IPv4 and IPv6 per server: the first interface has them.
  const vifs = server.vifs.slice(0, 1).map(({ index, mac }) => ({
    index,
    mac,
    ipv4: { address: v4.address, prefix: v4.pool.prefix, gateway: v4.pool.gateway },
    ipv6: { address: v6.address, gateway: v6.pool.gateway },
  }));
  // The disk grows from the image it was made from, whatever the image row says today.
  const volume = { id: disk.id, sizeGiB: disk.sizeGiB, format: 'qcow2' as const, backingDigest: disk.backingDigest };
  return {
    image: { digest: disk.backingDigest, bytes: Number(image.bytes) },
    volume,
    vifs,
    spec: {
      uuid: server.domainUuid,
      vcpu: plan.vcpu,
      memoryMiB: plan.memoryMiB,
      firmware: 'bios',
      virtio: server.virtio,
      disks: [volume],
      vifs,
    },
    seed: {
      instanceId: server.id,
      hostname: server.hostname,
      passwordHash: server.passwordHash,
      sshKeys: sshKeys.parse(server.sshKeys),
      vifs,
    },
  };
}
