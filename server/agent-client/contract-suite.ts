/**
 * What every agent must do, asked of the simulated and of the real one alike: so the simulation that
 * operations are tested on cannot drift from libvirt. A factory gives an agent whose host holds one image.
 */
import { expect, test } from 'vitest';
import { type Authority, createAuthority, issueCertificate, makeRequest } from '../pki/authority.ts';
import { type AgentUnderTest, base32, newServer, refused } from './contract-servers.ts';

export function contractSuite(create: () => Promise<AgentUnderTest>): void {
  const agent = create();

  test('describes its host', async () => {
    const { api } = await agent;
    const host = await api.describeHost({});
    expect(host.vcpuTotal).toBeGreaterThan(0);
    expect(host.bootId).toBe((await api.inventory({})).bootId);
  });

  test('a domain that does not exist is said to be absent, by its own code', async () => {
    const { api } = await agent;
    const serverId = base32(10);
    await refused(api.observe({ serverId }), 'NO_SUCH_DOMAIN');
    await refused(api.power({ serverId, generation: 1, action: 'start' }), 'NO_SUCH_DOMAIN');
  });

  test('an image: there, or IMAGE_MISSING', async () => {
    const { api, digestOfAnImage, bytes } = await agent;
    await api.ensureImage({ digest: digestOfAnImage, bytes });
    expect(await api.ensureImage({ digest: digestOfAnImage, bytes })).toEqual({ fetched: false });
    await refused(api.ensureImage({ digest: '0'.repeat(64), bytes: 1 }), 'IMAGE_MISSING');
  });

  test("every call of a create may be repeated, and the second finds the first's work", async () => {
    const { api } = await agent;
    const server = newServer(await agent);
    await server.define(1);
    expect(await api.putVolume({ ...server.at(1), volume: server.volume })).toEqual({ created: false });
    expect(await api.putDomain({ ...server.at(1), spec: server.spec })).toEqual({ changed: false });
    await server.define(1);
    expect(await api.observe({ serverId: server.serverId })).toMatchObject({ state: 'off', generation: 1 });
    expect((await api.inventory({})).observations).toContainEqual(
      expect.objectContaining({ serverId: server.serverId, state: 'off', generation: 1 }),
    );
    await api.removeServer(server.at(1));
  });

  test('the same call twice at the same time makes one thing', async () => {
    const { api, digestOfAnImage, bytes } = await agent;
    const server = newServer(await agent);
    await api.ensureImage({ digest: digestOfAnImage, bytes });
    const answers = await Promise.allSettled(
      [1, 2].map(() => api.putVolume({ ...server.at(1), volume: server.volume })),
    );
    // The loser waits or is told BUSY; never are there two disks or a broken one.
    const created = answers.filter((answer) => answer.status === 'fulfilled' && answer.value.created);
    expect(created).toHaveLength(1);
    for (const answer of answers) if (answer.status === 'rejected') expect(answer.reason.code).toBe('BUSY');
    expect((await api.removeServer(server.at(1))).removed.length).toBeGreaterThan(0);
  });

  test('generations: older is stale, the same with other content a conflict, newer is taken', async () => {
    const { api } = await agent;
    const server = newServer(await agent);
    await server.define(3);
    const bigger = { ...server.spec, memoryMiB: server.spec.memoryMiB + 64 };
    await refused(api.putDomain({ ...server.at(3), spec: bigger }), 'SPEC_CONFLICT');
    await refused(api.putDomain({ ...server.at(2), spec: server.spec }), 'STALE_GENERATION');
    await refused(api.power({ ...server.at(2), action: 'start' }), 'STALE_GENERATION');
    await refused(api.putVolume({ ...server.at(2), volume: server.volume }), 'STALE_GENERATION');
    await refused(api.removeServer(server.at(2)), 'STALE_GENERATION');
    expect(await api.putDomain({ ...server.at(4), spec: bigger })).toEqual({ changed: true });
    expect(await api.observe({ serverId: server.serverId })).toMatchObject({ generation: 4 });
    await api.removeServer(server.at(4));
  });

  test('steps within a generation: a lower one than was admitted is stale, the same one may repeat', async () => {
    const { api } = await agent;
    const server = newServer(await agent);
    const at = (generation: number, step: number) => ({ ...server.at(generation), step });
    await server.define(1);
    await api.putDomain({ ...at(2, 3), spec: server.spec });
    await refused(api.putNetwork({ ...at(2, 2), vifs: server.vifs }), 'STALE_GENERATION');
    expect(await api.power({ ...at(2, 5), action: 'start' })).toMatchObject({ state: 'running' });
    for (const action of ['shutdown', 'destroy', 'start'] as const)
      await refused(api.power({ ...at(2, 4), action }), 'STALE_GENERATION');
    await refused(api.putDomain({ ...at(2, 4), spec: server.spec }), 'STALE_GENERATION');
    await refused(api.removeSeed(at(2, 4)), 'STALE_GENERATION');
    await refused(api.removeServer(at(2, 4)), 'STALE_GENERATION');
    expect(await api.observe({ serverId: server.serverId })).toMatchObject({ state: 'running' });
    // What is put once more, unchanged, also carries the order on.
    expect(await api.putDomain({ ...at(2, 6), spec: server.spec })).toEqual({ changed: false });
    await refused(api.power({ ...at(2, 5), action: 'start' }), 'STALE_GENERATION');
    expect(await api.power({ ...at(2, 6), action: 'destroy' })).toMatchObject({ state: 'off' });
    expect(await api.power({ ...at(2, 6), action: 'destroy' })).toMatchObject({ state: 'off' });
    // A call without a step claims no place, and a newer generation begins anew.
    expect(await api.removeSeed(server.at(2))).toEqual({ removed: true });
    expect(await api.putDomain({ ...at(3, 0), spec: server.spec })).toEqual({ changed: true });
    await api.removeServer(at(3, 1));
  });

  test('power: start, start again, cut, cut again; each is in the change log', async () => {
    const { api } = await agent;
    const server = newServer(await agent);
    await server.define(1);
    const { epoch, seq } = await api.inventory({});
    expect(await api.power({ ...server.at(1), action: 'start' })).toMatchObject({ state: 'running' });
    expect(await api.power({ ...server.at(1), action: 'start' })).toMatchObject({ state: 'running' });
    const told = await api.changes({ epoch, after: seq, waitMs: 5_000 });
    expect(told.observations).toContainEqual(
      expect.objectContaining({ serverId: server.serverId, state: 'running', reason: 'booted' }),
    );
    // A running domain takes a newer generation, and says so: older calls are refused from then on.
    await api.putDomain({ ...server.at(2), spec: server.spec });
    expect(await api.observe({ serverId: server.serverId })).toMatchObject({ state: 'running', generation: 2 });
    await refused(api.power({ ...server.at(1), action: 'destroy' }), 'STALE_GENERATION');
    expect(await api.power({ ...server.at(2), action: 'destroy' })).toMatchObject({
      state: 'off',
      reason: 'destroyed',
    });
    expect(await api.power({ ...server.at(2), action: 'destroy' })).toMatchObject({ state: 'off' });
    expect(await api.power({ ...server.at(2), action: 'shutdown' })).toMatchObject({ state: 'off' });
    await api.removeServer(server.at(2));
  });

  test('a picture of the screen: of a running server, at its size, and of no other', async () => {
    const { api } = await agent;
    const server = newServer(await agent);
    const { serverId } = server;
    await refused(api.screenshot({ serverId }), 'NO_SUCH_DOMAIN');
    await refused(api.hostKeys({ serverId }), 'NO_SUCH_DOMAIN');
    await server.define(1);
    // A guest that never ran has said nothing.
    expect(await api.hostKeys({ serverId })).toEqual({ fingerprints: [] });
    await refused(api.screenshot({ serverId }), 'HYPERVISOR');
    await api.power({ ...server.at(1), action: 'start' });
    const { png, width, height } = await api.screenshot({ serverId });
    const bytes = Buffer.from(png, 'base64');
    expect(bytes.toString('latin1', 1, 4)).toBe('PNG');
    expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([width, height]);
    await api.power({ ...server.at(1), action: 'destroy' });
    await refused(api.screenshot({ serverId }), 'HYPERVISOR');
    await api.removeServer(server.at(1));
  });

  test('the change log: waits, answers when something happens, and says reset for another epoch', async () => {
    const { api } = await agent;
    const { epoch, seq } = await api.inventory({});
    expect(await api.changes({ epoch, after: seq, waitMs: 50 })).toMatchObject({ reset: false, observations: [] });
    expect(await api.changes({ epoch: 'another', after: 0, waitMs: 5_000 })).toMatchObject({ reset: true });
  });

  test('removal: all of it, repeatable, and nothing at or below its generation comes back', async () => {
    const { api, digestOfAnImage } = await agent;
    const server = newServer(await agent);
    await server.define(1);
    await api.power({ ...server.at(1), action: 'start' });
    expect((await api.removeServer(server.at(2))).removed.length).toBeGreaterThan(0);
    expect(await api.removeServer(server.at(2))).toEqual({ removed: [] });
    await refused(api.observe({ serverId: server.serverId }), 'NO_SUCH_DOMAIN');
    await refused(
      api.putVolume({ ...server.at(2), volume: { ...server.volume, backingDigest: digestOfAnImage } }),
      'GONE',
    );
    await refused(api.putSeed({ ...server.at(1), seed: server.seed }), 'GONE');
    await refused(api.putNetwork({ ...server.at(2), vifs: server.vifs }), 'GONE');
    await refused(api.putDomain({ ...server.at(2), spec: server.spec }), 'GONE');
    await refused(api.power({ ...server.at(1), action: 'start' }), 'GONE');
    expect(await api.removeServer(server.at(2))).toEqual({ removed: [] });
    // A retried create comes with a newer generation.
    await server.define(3);
    expect(await api.observe({ serverId: server.serverId })).toMatchObject({ state: 'off', generation: 3 });
    await api.removeServer(server.at(3));
  });

  test('the seed is taken away once, and the disk stays', async () => {
    const { api } = await agent;
    const server = newServer(await agent);
    await server.define(1);
    expect(await api.removeSeed(server.at(1))).toEqual({ removed: true });
    expect(await api.removeSeed(server.at(1))).toEqual({ removed: false });
    expect(await api.putVolume({ ...server.at(1), volume: server.volume })).toEqual({ created: false });
    await api.removeServer(server.at(1));
  });

  test('a certificate: asked for, refused where it is not for this agent, taken, and taken again', async () => {
    const { api, authority, hostId } = await agent;
    const uri = `tsubo://host/${hostId}`;
    const issue = async (more: { csrPem?: string; uri?: string; by?: Authority } = {}) =>
      issueCertificate({ authority: more.by ?? authority, csrPem, uri, days: 1, addresses: ['127.0.0.1'], ...more });
    const { csrPem } = await api.requestCertificate({});
    expect(await api.requestCertificate({})).toEqual({ csrPem });

    for (const wrong of [
      await issue({ csrPem: (await makeRequest('another key')).csrPem }),
      await issue({ uri: 'tsubo://host/another' }),
      await issue({ uri: 'tsubo://control-plane/worker' }),
      await issue({ by: await createAuthority() }),
      { certPem: 'no certificate' },
    ])
      await refused(api.installCertificate({ certPem: wrong.certPem }), 'BAD_REQUEST');
    expect(await api.requestCertificate({})).toEqual({ csrPem });

    const { certPem, fingerprint } = await issue();
    expect(await api.installCertificate({ certPem })).toEqual({ fingerprint });
    expect(await api.installCertificate({ certPem })).toEqual({ fingerprint });
    // The key has found its certificate: the next one is for another.
    await refused(api.installCertificate({ certPem: (await issue()).certPem }), 'BAD_REQUEST');
    expect((await api.requestCertificate({})).csrPem).not.toBe(csrPem);
    expect(await api.installCertificate({ certPem })).toEqual({ fingerprint });
  });
}
