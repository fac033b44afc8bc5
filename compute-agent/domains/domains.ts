/** A server's domain: define, power, observe. Every function runs inside the server's mutex, except `observationOf`. */
import { AgentError } from '../contract/errors.ts';
import type { DomainSpec, Observation, Target } from '../contract/shapes.ts';
import type { Body } from '../driver.ts';
import { isLibvirtError, libvirtWords, toAgentError } from '../failures.ts';
import { canonical } from '../generations.ts';
import { LibvirtError, LibvirtErrorCode } from '../libvirt/errors.ts';
import { type Parts, TURN_MS } from '../parts.ts';
import { type BodyOptions, bodyHash, buildDomainXml } from './body.ts';

/** How long the event of a change may take to come before the journal gets the observation without it. */
const EVENT_MS = 1_000;

export async function observationOf(parts: Parts, body: Body): Promise<Observation> {
  const reason = await parts.runs.refine(body.serverId, body.seen);
  return { serverId: body.serverId, state: body.seen.state, reason, generation: body.generation };
}

/** Whether something changed. The caller has admitted the generation. Throws SPEC_CONFLICT. */
export async function defineDomain(
  parts: Parts,
  target: Target,
  spec: DomainSpec,
  living: Body | null,
): Promise<boolean> {
  if (living && living.uuid !== spec.uuid) {
    throw new AgentError(
      'SPEC_CONFLICT',
      `${target.serverId} has uuid ${living.uuid}, which cannot become ${spec.uuid}`,
    );
  }
  const options = await bodyOptions(parts, target, spec);
  if (living && living.generation === target.generation) {
    if (canonical(living.spec) !== canonical(spec)) {
      throw new AgentError('SPEC_CONFLICT', `generation ${target.generation} is there with another spec`);
    }
    if (living.bodyHash === bodyHash(options)) return false;
  }
  await parts.hypervisor.define(target.serverId, buildDomainXml(options));
  await told(parts, await observationOf(parts, await require(parts, target.serverId)));
  return true;
}

/** Already running is success. Throws START_FAILED. */
export async function startDomain(parts: Parts, living: Body): Promise<Observation> {
  const { serverId, spec } = living;
  if (living.seen.state === 'running') {
    // The agent may have died between the start and this.
    await parts.network.attached(serverId, spec.vifs);
    return told(parts, await observationOf(parts, living));
  }
  // A start whose answer was given up is still under way: libvirt lets another one wait for it, and then says so.
  const starting = isStarting(living);
  if (living.seen.state === 'paused' && living.seen.reason !== 'failed-start' && !starting) {
    throw new AgentError('START_FAILED', `${serverId} is paused by its host; cut its power first`);
  }
  // Paused after a failed start, or crashed and kept: its QEMU still stands in the way.
  if (living.seen.state !== 'off' && !starting) await parts.hypervisor.destroy(serverId);

  const options = await bodyOptions(parts, living, spec);
  if (living.bodyHash !== bodyHash(options)) await parts.hypervisor.define(serverId, buildDomainXml(options));
  await parts.paths.make(serverId);
  await parts.heavy.run(TURN_MS, () => create(parts, serverId));
  await attach(parts, living);

  const body = await require(parts, serverId);
  const observation = await told(parts, await observationOf(parts, body));
  if (observation.state !== 'running') {
    throw new AgentError(
      'START_FAILED',
      `${serverId} is ${observation.state} (${observation.reason}) right after its start`,
    );
  }
  return observation;
}

/** Off already is success. */
export async function destroyDomain(parts: Parts, living: Body): Promise<Observation> {
  if (living.seen.state !== 'off') await parts.heavy.run(TURN_MS, () => parts.hypervisor.destroy(living.serverId));
  return told(parts, await observationOf(parts, await require(parts, living.serverId)));
}

/** Presses the button; what the guest does then is observed. */
export async function shutdownDomain(parts: Parts, living: Body): Promise<Observation> {
  if (living.seen.state === 'running') await parts.hypervisor.shutdown(living.serverId);
  return observationOf(parts, await require(parts, living.serverId));
}

const isStarting = ({ seen }: Body): boolean => seen.state === 'paused' && seen.reason === 'booted';

async function create(parts: Parts, serverId: string, again = true): Promise<void> {
  try {
    await parts.hypervisor.start(serverId);
  } catch (error) {
    // Another start of the same domain, whose answer was given up, was faster.
    if (isLibvirtError(error, LibvirtErrorCode.operationInvalid)) {
      const body = await parts.hypervisor.look(serverId);
      if (body?.seen.state === 'running') return;
      // Our call waited for the start under way, and the domain still is where that left it: the libvirtd that
      // was starting it died. Nobody will go on with it.
      if (again && body !== null && isStarting(body)) {
        await parts.hypervisor.destroy(serverId);
        return create(parts, serverId, false);
      }
    }
    if (error instanceof LibvirtError) {
      const body = await parts.hypervisor.look(serverId);
      // The other thing that such a libvirtd leaves: filter chains, over which the next start stumbles.
      if (again && body?.seen.state === 'off' && (await parts.network.clear(serverId)))
        return create(parts, serverId, false);
      if (body) await told(parts, await observationOf(parts, body));
      const known = toAgentError(error);
      if (known instanceof AgentError && known.code !== 'HYPERVISOR') throw known;
      throw new AgentError('START_FAILED', libvirtWords(error), { cause: error });
    }
    throw error;
  }
}

/** A guest whose interfaces are not guarded must not run. */
async function attach(parts: Parts, { serverId, spec }: Body): Promise<void> {
  try {
    await parts.network.attached(serverId, spec.vifs);
  } catch (error) {
    await parts.hypervisor.destroy(serverId).catch((second: unknown) => {
      parts.log.error({ err: second, serverId }, 'a guest without its network rules could not be stopped');
    });
    throw new AgentError('START_FAILED', `its network could not be attached: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

async function told(parts: Parts, observation: Observation): Promise<Observation> {
  await parts.watch.settled(observation, EVENT_MS);
  return observation;
}

async function require(parts: Parts, serverId: string): Promise<Body> {
  const body = await parts.hypervisor.look(serverId);
  if (body === null) throw new AgentError('NO_SUCH_DOMAIN', `no domain ${serverId}`);
  return body;
}

async function bodyOptions(parts: Parts, target: Target, spec: DomainSpec): Promise<BodyOptions> {
  const { serverId, generation } = target;
  return {
    serverId,
    owner: parts.hostId,
    generation,
    spec,
    accelerator: await parts.accelerator(),
    bridge: parts.bridge,
    filterName: parts.network.filterName(serverId),
    paths: {
      volume: (volumeId) => parts.volumes.pathOf(serverId, volumeId),
      image: (digest) => parts.images.pathOf(digest),
      seed: parts.seeds.pathOf(serverId),
      ...parts.paths.of(serverId),
    },
  };
}
