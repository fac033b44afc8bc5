import { z } from 'zod';
import { accelerator } from '../../compute-agent/contract/shapes.ts';
import type { Deps } from '../deps.ts';
import { PublicError } from '../errors.ts';
import { emit } from '../events/emit.ts';
import { isSilent } from '../servers/state.ts';
import { roomOfHosts } from './capacity.ts';
import { certificateView } from './certificate.ts';
import type { HostView } from './schema.ts';

const lacks = z.array(z.string()).catch([]);

export async function listHosts(deps: Deps): Promise<HostView[]> {
  const [hosts, rooms] = await Promise.all([
    deps.db.host.findMany({
      orderBy: { name: 'asc' },
      include: { zone: { select: { id: true, nameJa: true, nameEn: true } } },
    }),
    roomOfHosts(deps),
  ]);
  const now = deps.clock.now();
  return hosts.flatMap((host) => {
    const room = rooms.find((one) => one.hostId === host.id);
    if (!room) return [];
    return {
      id: host.id,
      name: host.name,
      zone: host.zone,
      acceptsNew: host.acceptsNew,
      lastContactAt: host.lastContactAt?.toISOString() ?? null,
      silent: isSilent(host.lastContactAt, now),
      lastError: host.lastError,
      servers: room.servers,
      vcpu: room.vcpu,
      memoryMiB: room.memoryMiB,
      diskGiB: room.diskGiB,
      versions: {
        agent: host.agentVersion,
        contract: host.contractVersion,
        libvirt: host.libvirtVersion,
        qemu: host.qemuVersion,
        kernel: host.kernelVersion,
      },
      accelerator: accelerator.nullable().catch(null).parse(host.accelerator),
      lacks: lacks.parse(host.lacks),
      bootId: host.bootId,
      certificate: certificateView(host, now),
    };
  });
}

/** @throws PublicError NOT_FOUND */
export async function setAcceptsNew(deps: Deps, hostId: string, acceptsNew: boolean): Promise<void> {
  await deps.db.$transaction(async (tx) => {
    const { count } = await tx.host.updateMany({ where: { id: hostId }, data: { acceptsNew } });
    if (count === 0) throw new PublicError('NOT_FOUND', { detail: `host ${hostId}` });
    await emit(tx, { accountId: null, subject: `host:${hostId}`, kind: 'accepts-new', at: deps.clock.now() });
  });
}
