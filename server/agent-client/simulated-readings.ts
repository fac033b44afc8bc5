/** What a simulated host and its guests' screens look like. */
import { type AgentInput, type AgentOutput, CONTRACT_VERSION } from '../../compute-agent/contract/contract.ts';
import { AgentError } from '../../compute-agent/contract/errors.ts';
import type { ObservedState } from '../../compute-agent/contract/shapes.ts';

/** One black pixel. */
const SCREEN = {
  png: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYGAAAAAEAAH2FzhVAAAAAElFTkSuQmCC',
  width: 1,
  height: 1,
};

/** `stateOf` throws NO_SUCH_DOMAIN. */
export function createSimulatedReadings(
  host: { id: string; bootId: string },
  stateOf: (serverId: string) => ObservedState,
  hostKeys: ReadonlyMap<string, AgentOutput<'hostKeys'>['fingerprints']>,
) {
  return {
    describeHost: (): AgentOutput<'describeHost'> => ({
      hostId: host.id,
      agentVersion: 'simulated',
      contractVersion: CONTRACT_VERSION,
      bootId: host.bootId,
      libvirtVersion: '0',
      qemuVersion: '0',
      kernelVersion: '0',
      vcpuTotal: 8,
      memoryMiBTotal: 16_384,
      diskGiBTotal: 200,
      diskGiBFree: 150,
      accelerator: { type: 'qemu', cpu: null, attempts: [{ type: 'qemu', cpu: '-', ok: true, ms: 0, said: '-' }] },
      lacks: [],
      warnings: [],
    }),
    screenshot: ({ serverId }: AgentInput<'screenshot'>): AgentOutput<'screenshot'> => {
      const state = stateOf(serverId);
      if (state !== 'running' && state !== 'paused') throw new AgentError('HYPERVISOR', `the domain is ${state}`);
      return SCREEN;
    },
    hostKeys: ({ serverId }: AgentInput<'hostKeys'>): AgentOutput<'hostKeys'> => {
      stateOf(serverId);
      return { fingerprints: hostKeys.get(serverId) ?? [] };
    },
  };
}
