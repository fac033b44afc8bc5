/** For the contract's tests: servers that no other test uses, on whichever agent is under test. */
import { randomBytes, randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { AgentApi } from '../../compute-agent/contract/contract.ts';
import type { AgentErrorCode } from '../../compute-agent/contract/errors.ts';
import type { DomainSpec, Seed } from '../../compute-agent/contract/shapes.ts';
import type { Authority } from '../pki/authority.ts';

export type AgentUnderTest = {
  api: AgentApi;
  /** Of an image that the host has or can take from its sources. */
  digestOfAnImage: string;
  bytes: number;
  /** Whom the agent believes, and as which host. */
  authority: Authority;
  hostId: string;
  /** An address of the guests' network for the n-th server of a run, with its gateway. */
  address: (n: number) => DomainSpec['vifs'][number];
};

export const base32 = (length: number): string =>
  Array.from(randomBytes(length), (byte) => 'abcdefghijklmnopqrstuvwxyz234567'[byte % 32]).join('');

let servers = 0;
/** A server that no other test uses, with everything that its calls need. */
export function newServer(agent: AgentUnderTest) {
  servers += 1;
  const serverId = base32(10);
  const volume = {
    id: `vol_${base32(16)}`,
    sizeGiB: 1,
    format: 'qcow2' as const,
    backingDigest: agent.digestOfAnImage,
  };
  const vifs = [agent.address(servers)];
  const spec: DomainSpec = {
    uuid: randomUUID(),
    vcpu: 1,
    memoryMiB: 128,
    firmware: 'bios',
    virtio: true,
    disks: [volume],
    vifs,
  };
  const seed: Seed = { instanceId: serverId, hostname: 'contract', passwordHash: null, sshKeys: [], vifs };
  const at = (generation: number) => ({ serverId, generation });
  const define = async (generation: number) => {
    await agent.api.ensureImage({ digest: agent.digestOfAnImage, bytes: agent.bytes });
    await agent.api.putVolume({ ...at(generation), volume });
    await agent.api.putSeed({ ...at(generation), seed });
    await agent.api.putNetwork({ ...at(generation), vifs });
    await agent.api.putDomain({ ...at(generation), spec });
  };
  return { serverId, volume, vifs, spec, seed, at, define };
}

export const refused = async (answer: Promise<unknown>, code: AgentErrorCode) =>
  expect(
    await answer.then(
      () => 'no error',
      (error: { code?: string }) => error.code ?? error,
    ),
  ).toBe(code);
