/**
 * A simulated agent: a map, and faults that a test injects. It may have only what contract-suite.ts asserts
 * on the real agent as well, so that operations tested here meet nothing new there. What no agent can be
 * made to do on demand (a guest that ignores the button, a crash, a lost answer) is in `faults` and `guest`.
 */
import type { AgentApi, AgentCall, AgentInput, AgentOutput } from '../../compute-agent/contract/contract.ts';
import { agentContract } from '../../compute-agent/contract/contract.ts';
import { AgentError } from '../../compute-agent/contract/errors.ts';
import type {
  DomainSpec,
  Observation,
  ObservedReason,
  ObservedState,
  Target,
} from '../../compute-agent/contract/shapes.ts';
import { ChangeLog } from './change-log.ts';
import { createFaults, type Fault } from './faults.ts';
import { createAdmission } from './simulated-admission.ts';
import { createSimulatedCertificates } from './simulated-certificates.ts';
import { createSimulatedReadings } from './simulated-readings.ts';

type Domain = {
  spec: DomainSpec;
  generation: number;
  state: 'off' | 'running' | 'paused' | 'crashed';
  reason: ObservedReason;
};
export type Body = { domain?: Domain; volumes: Set<string>; seed: boolean; network: boolean };

export type SimulatedAgent = {
  api: AgentApi;
  images: Map<string, number>;
  /** The host's whole content: what a checker of leftovers reads. */
  bodies: Map<string, Body>;
  tombstones: Map<string, number>;
  /** Changing calls that were let through. */
  journal: { call: AgentCall; serverId: string | null; generation: number | null }[];
  inject: (fault: Fault) => void;
  clearFaults: () => void;
  /** Called before each call; may wait, and so hold a call in the middle. */
  gate: { before: (call: AgentCall) => Promise<void> };
  guest: {
    ignoresAcpi: Set<string>;
    /** QEMU dies at once. */
    doesNotStart: Set<string>;
    /** What it has said on its serial port. */
    hostKeys: Map<string, AgentOutput<'hostKeys'>['fingerprints']>;
    powersItselfOff: (id: string) => void;
    crashes: (id: string) => void;
  };
  host: { id: string; bootId: string; reboots: () => void };
};

type Options = { hostId: string; images?: [digest: string, bytes: number][]; caPem?: string };

/** `caPem`: the CA that it believes; without one it takes no certificate. */
export function createSimulatedAgent(options: Options): SimulatedAgent {
  const bodies = new Map<string, Body>();
  const { tombstones, admit, refuseBuried, admitRemoval, bury } = createAdmission();
  const images = new Map(options.images);
  const journal: SimulatedAgent['journal'] = [];
  const faults = createFaults();
  const log = new ChangeLog();
  const gate = { before: async (_: AgentCall) => {} };
  const guest = {
    ignoresAcpi: new Set<string>(),
    doesNotStart: new Set<string>(),
    hostKeys: new Map<string, AgentOutput<'hostKeys'>['fingerprints']>(),
  };
  const host = { id: options.hostId, bootId: 'boot-1' };

  const observation = (serverId: string, { state, reason, generation }: Domain): Observation => {
    return { serverId, state, reason, generation };
  };
  const set = (serverId: string, domain: Domain, state: Domain['state'], reason: ObservedReason) => {
    Object.assign(domain, { state, reason });
    log.append(observation(serverId, domain));
  };

  const livingOf = (serverId: string): number => bodies.get(serverId)?.domain?.generation ?? 0;
  const bodyFor = (target: Target, puts: boolean): Body => {
    admit(target, livingOf(target.serverId), puts);
    const body = bodies.get(target.serverId) ?? { volumes: new Set<string>(), seed: false, network: false };
    bodies.set(target.serverId, body);
    return body;
  };
  const domainOf = (serverId: string): Domain => {
    const domain = bodies.get(serverId)?.domain;
    if (!domain) throw new AgentError('NO_SUCH_DOMAIN', serverId);
    return domain;
  };
  /** A body that nothing was put into is no body. */
  const forgetEmpty = (serverId: string) => {
    const body = bodies.get(serverId);
    if (body && !body.domain && !body.seed && !body.network && body.volumes.size === 0) bodies.delete(serverId);
  };

  const calls: { [K in AgentCall]: (input: AgentInput<K>) => AgentOutput<K> | Promise<AgentOutput<K>> } = {
    inventory: () => ({
      bootId: host.bootId,
      ...log.point,
      observations: [...bodies].flatMap(([id, { domain }]) => (domain ? [observation(id, domain)] : [])),
    }),
    changes: async ({ epoch, after, waitMs }) => {
      const observations = await log.since(epoch, after, waitMs);
      return { bootId: host.bootId, ...log.point, reset: observations === null, observations: observations ?? [] };
    },
    observe: ({ serverId }) => observation(serverId, domainOf(serverId)),
    ...createSimulatedReadings(host, (serverId) => domainOf(serverId).state, guest.hostKeys),
    ensureImage: ({ digest }) => {
      needImage(digest);
      return { fetched: false };
    },
    putVolume: ({ volume, ...target }) => {
      const body = bodyFor(target, true);
      if (body.volumes.has(volume.id)) return { created: false };
      needImage(volume.backingDigest);
      body.volumes.add(volume.id);
      return { created: true };
    },
    putSeed: (target) => {
      bodyFor(target, true).seed = true;
      return {};
    },
    removeSeed: (target) => {
      const body = bodyFor(target, false);
      const removed = body.seed;
      body.seed = false;
      return { removed };
    },
    putNetwork: (target) => {
      bodyFor(target, true).network = true;
      return {};
    },
    putDomain: ({ spec, ...target }) => {
      const body = bodyFor(target, true);
      const had = body.domain;
      const same = had !== undefined && JSON.stringify(had.spec) === JSON.stringify(spec);
      if (had && had.generation === target.generation) {
        if (!same) throw new AgentError('SPEC_CONFLICT', `generation ${target.generation} is there with other content`);
        return { changed: false };
      }
      body.domain = { state: 'off', reason: 'none', ...had, spec, generation: target.generation };
      if (!had) log.append(observation(target.serverId, body.domain));
      return { changed: true };
    },
    power: ({ action, ...target }) => {
      const { serverId } = target;
      refuseBuried(target);
      const domain = domainOf(serverId);
      admit(target, domain.generation, false);
      if (action === 'start' && domain.state !== 'running') {
        if (guest.doesNotStart.has(serverId)) {
          set(serverId, domain, 'off', 'failed-start');
          throw new AgentError('START_FAILED', 'QEMU ended at once');
        }
        set(serverId, domain, 'running', 'booted');
      }
      if (action === 'destroy' && domain.state !== 'off') set(serverId, domain, 'off', 'destroyed');
      if (action === 'shutdown' && domain.state === 'running' && !guest.ignoresAcpi.has(serverId)) {
        set(serverId, domain, 'off', 'guest-shutdown');
      }
      return observation(serverId, domain);
    },
    removeServer: (target) => {
      const { serverId } = target;
      admitRemoval(target, livingOf(serverId));
      bury(target);
      const body = bodies.get(serverId);
      bodies.delete(serverId);
      if (!body) return { removed: [] };
      const removed = [
        ...(body.domain ? ['domain'] : []),
        ...[...body.volumes].map((id) => `volume ${id}`),
        ...(body.seed ? ['seed'] : []),
        ...(body.network ? ['network'] : []),
      ];
      if (body.domain) log.append({ serverId, state: 'absent', reason: 'none', generation: 0 });
      return { removed };
    },
    ...createSimulatedCertificates(host.id, options.caPem),
  };

  const needImage = (digest: string) => {
    if (!images.has(digest)) throw new AgentError('IMAGE_MISSING', `no image ${digest}`);
  };
  const handle = async <K extends AgentCall>(call: K, raw: AgentInput<K>): Promise<AgentOutput<K>> => {
    await gate.before(call);
    const before = faults.take(call, 'before');
    if (before) throw before;
    const input = agentContract[call].input.parse(raw) as AgentInput<K>;
    let output: AgentOutput<K>;
    try {
      output = agentContract[call].output.parse(await calls[call](input)) as AgentOutput<K>;
    } finally {
      if ('serverId' in input) forgetEmpty(input.serverId);
    }
    if (agentContract[call].kind === 'mutation') {
      const { serverId = null, generation = null } = input as Partial<Target>;
      journal.push({ call, serverId, generation });
    }
    const after = faults.take(call, 'after');
    if (after) throw after;
    return output;
  };

  const to = (id: string, state: ObservedState & Domain['state'], reason: ObservedReason) =>
    set(id, domainOf(id), state, reason);
  return {
    api: Object.fromEntries(
      (Object.keys(agentContract) as AgentCall[]).map((call) => [call, (input: never) => handle(call, input)]),
    ) as unknown as AgentApi,
    images,
    bodies,
    tombstones,
    journal,
    inject: faults.inject,
    clearFaults: faults.clear,
    gate,
    guest: {
      ...guest,
      powersItselfOff: (id) => to(id, 'off', 'guest-shutdown'),
      crashes: (id) => to(id, 'off', 'crashed'),
    },
    host: {
      get id() {
        return host.id;
      },
      get bootId() {
        return host.bootId;
      },
      reboots: () => {
        host.bootId = `boot-${Number(host.bootId.slice(5)) + 1}`;
        // What had been switched off before stays so (compute-agent/runs.ts).
        for (const { domain } of bodies.values())
          if (domain && !['guest-shutdown', 'destroyed'].includes(domain.reason))
            Object.assign(domain, { state: 'off', reason: 'host-boot' });
        log.reset();
      },
    },
  };
}
