/**
 * The contract's calls. Every changing one takes its server's mutex, has its generation admitted inside it, and
 * only then does its work; each piece of work may be repeated.
 */
import { type AgentApi, type AgentInput, agentContract } from './contract/contract.ts';
import { AgentError, type AgentErrorCode } from './contract/errors.ts';
import type { HostDescription, Target } from './contract/shapes.ts';
import { defineDomain, destroyDomain, observationOf, shutdownDomain, startDomain } from './domains/domains.ts';
import type { Body } from './driver.ts';
import { toAgentError } from './failures.ts';
import type { Put } from './generations.ts';
import { readHostKeys } from './host-keys/host-keys.ts';
import { type Parts, TURN_MS } from './parts.ts';
import { removeServer } from './removal.ts';
import { Screenshots } from './screenshot/screenshot.ts';

export function createAgent(parts: Parts, describeHost: () => Promise<HostDescription>): AgentApi {
  const { hypervisor, mutex, generations, journal, bootId } = parts;
  const screenshots = new Screenshots(hypervisor);

  /** The frame of every call that puts something: `work` gets the domain as it is, null where there is none. */
  const putting = <T>(target: Target, put: Put, work: (living: Body | null) => Promise<T>): Promise<T> =>
    mutex.run(target.serverId, TURN_MS, async () => {
      const living = await hypervisor.look(target.serverId);
      await generations.admit(target, living?.generation ?? 0, put);
      try {
        return await work(living);
      } catch (error) {
        // Refused, so it was not put: other content may still come at this generation.
        if (error instanceof AgentError && refusals.has(error.code)) await generations.retract(target, put);
        throw error;
      }
    });

  const power = ({ action, ...target }: AgentInput<'power'>) =>
    mutex.run(target.serverId, TURN_MS, async () => {
      const living = await hypervisor.look(target.serverId);
      await generations.refuseBuried(target);
      if (living === null) throw new AgentError('NO_SUCH_DOMAIN', `no domain ${target.serverId}`);
      await generations.admit(target, living.generation);
      switch (action) {
        case 'start':
          return startDomain(parts, living);
        case 'shutdown':
          return shutdownDomain(parts, living);
        case 'destroy':
          return destroyDomain(parts, living);
      }
    });

  const calls: AgentApi = {
    describeHost: () => describeHost(),

    inventory: async () => {
      // The point before the list: a change in between is told twice, never lost.
      const point = journal.point;
      const bodies = await hypervisor.list();
      const observations = await Promise.all(bodies.map((body) => observationOf(parts, body)));
      return { bootId, ...point, observations };
    },

    changes: async (input, options) => ({ bootId, ...(await journal.changes(input, options?.signal)) }),

    observe: async ({ serverId }) => {
      const body = await hypervisor.look(serverId);
      if (body === null) throw new AgentError('NO_SUCH_DOMAIN', `no domain ${serverId}`);
      return observationOf(parts, body);
    },

    screenshot: ({ serverId }) => screenshots.take(serverId),

    hostKeys: async ({ serverId }) => {
      if ((await hypervisor.look(serverId)) === null) throw new AgentError('NO_SUCH_DOMAIN', `no domain ${serverId}`);
      return readHostKeys(parts.paths.of(serverId).serialLog);
    },

    ensureImage: ({ digest, bytes }) => parts.images.ensure(digest, bytes),

    putVolume: ({ volume, ...target }) =>
      putting(target, { what: `volume ${volume.id}`, content: volume }, () =>
        parts.heavy.run(TURN_MS, () => parts.volumes.put(target.serverId, volume)),
      ),

    putSeed: ({ seed, ...target }) =>
      putting(target, { what: 'seed', content: seed }, async () => {
        await parts.seeds.put(target.serverId, seed);
        return {};
      }),

    removeSeed: (target) =>
      mutex.run(target.serverId, TURN_MS, async () => {
        const living = await hypervisor.look(target.serverId);
        await generations.admit(target, living?.generation ?? 0);
        const removed = await parts.seeds.remove(target.serverId);
        if (removed && living?.seen.state === 'running') {
          // The guest may hold its drive; the file is gone all the same, and the drive is empty at the next start.
          await hypervisor.ejectSeed(living).catch((error: unknown) => {
            parts.log.info(
              { err: error, serverId: target.serverId },
              'the seed stays in the drive until the next start',
            );
          });
        }
        return { removed };
      }),

    putNetwork: ({ vifs, ...target }) =>
      putting(target, { what: 'network', content: vifs }, async () => {
        await parts.network.put({ serverId: target.serverId, vifs });
        return {};
      }),

    putDomain: ({ spec, ...target }) =>
      putting(target, { what: 'domain', content: spec }, async (living) => ({
        changed: await defineDomain(parts, target, spec, living),
      })),

    power,

    removeServer: (target) =>
      mutex.run(target.serverId, TURN_MS, async () => ({ removed: await removeServer(parts, target) })),

    requestCertificate: () => parts.certificates.request(),

    installCertificate: ({ certPem }) => parts.certificates.install(certPem),
  };

  const names = Object.keys(agentContract) as (keyof AgentApi)[];
  return Object.fromEntries(names.map((name) => [name, withCodes(calls[name] as AnyCall)])) as unknown as AgentApi;
}

const refusals: ReadonlySet<AgentErrorCode> = new Set(['SPEC_CONFLICT', 'BAD_REQUEST', 'IMAGE_MISSING']);

type AnyCall = (input: unknown, options?: unknown) => Promise<unknown>;

/** What the parts throw in their own words leaves in the contract's. */
const withCodes =
  (call: AnyCall): AnyCall =>
  async (input, options) => {
    try {
      return await call(input, options);
    } catch (error) {
      throw toAgentError(error);
    }
  };
