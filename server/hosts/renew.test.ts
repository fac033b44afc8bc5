/** Renewal and revocation between the control plane and the agent's own server, over real mutual TLS. */
import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { AgentApi } from '../../compute-agent/contract/contract.ts';
import { createAgents } from '../agent-client/agents.ts';
import type { ClientIdentity } from '../agent-client/connections.ts';
import { createSimulatedAgent } from '../agent-client/simulated.ts';
import type { WorkerDeps } from '../deps.ts';
import { createHarness, type Harness } from '../operations/testing.ts';
import { type Authority, createAuthority, fingerprintOf, issueCertificate, makeRequest } from '../pki/authority.ts';
import { joinAs, startJoinedAgent } from '../testing/joined-agent.ts';
import { issueJoinToken, signWaiting, takeJoinRequest } from './join.ts';
import { renewDue } from './renew.ts';
import { revokeHost } from './revoke.ts';
import { watchHost } from './watch.ts';

vi.setConfig({ testTimeout: 60_000 });
const DAY = 86_400_000;
let h: Harness;
let authority: Authority;
let identity: ClientIdentity;
let folder: string;
let agent: Awaited<ReturnType<typeof startJoinedAgent>>;
/** Two workers. */
let one: WorkerDeps & ReturnType<typeof createAgents>;
let two: typeof one;
let hosts = 0;
let id: string;
const calls = (): AgentApi => createSimulatedAgent({ hostId: id }).api;

beforeAll(async () => {
  h = await createHarness();
  authority = await createAuthority();
  const { csrPem, keyPem } = await makeRequest('control plane');
  const { certPem } = await issueCertificate({ authority, csrPem, uri: 'tsubo://control-plane/worker', days: 1 });
  identity = { caPem: authority.certPem, certPem, keyPem };
});
afterAll(() => h.drop());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tsubo-renew-'));
  id = `hst_${++hosts}`;
  const joined = await joinAs(id, folder, authority, 90);
  agent = await startJoinedAgent(folder, calls());
  const { validFrom, validTo } = new X509Certificate(joined.certPem);
  await h.deps.db.host.create({
    data: {
      id,
      zoneId: 'zone',
      name: `node-${hosts}`,
      agentUrl: agent.url,
      certFingerprint: fingerprintOf(joined.certPem),
      certIssuedAt: new Date(validFrom),
      certExpiresAt: new Date(validTo),
      contractVersion: 2,
      joinedAt: new Date(),
      lastContactAt: new Date(),
    },
  });
  one = worker();
  two = worker();
});
afterEach(async () => {
  one.close();
  two.close();
  await agent.server.close(0);
  await rm(folder, { recursive: true, force: true });
});

function worker(): typeof one {
  const made = createAgents(h.deps.db, () => identity);
  return { ...h.deps, ...made };
}
const at = (deps: WorkerDeps, days: number): WorkerDeps => ({
  ...deps,
  clock: { now: () => new Date(Date.now() + days * DAY) },
});
const all = () => true;
const row = () => h.deps.db.host.findUniqueOrThrow({ where: { id } });
const heard = (days: number) =>
  h.deps.db.host.update({ where: { id }, data: { lastContactAt: new Date(Date.now() + days * DAY) } });
const renew = async (deps: WorkerDeps, days = 61) => {
  await heard(days);
  return renewDue(at(deps, days), authority, (host) => host === id);
};
const describeHost = (deps: WorkerDeps) => deps.agents({ id }).describeHost({});
const codeOf = (answer: Promise<unknown>): Promise<string> =>
  answer.then(
    () => 'none',
    (error) => error.code ?? String(error),
  );
/** What the agent shows to whoever connects now. */
async function shown(): Promise<string> {
  const { hostname, port } = new URL(agent.url);
  return new Promise((resolve, reject) => {
    const { caPem: ca, certPem: cert, keyPem: key } = identity;
    const socket: TLSSocket = connect({ host: hostname, port: Number(port), ca, cert, key }, () => {
      resolve(socket.getPeerCertificate().fingerprint256.replaceAll(':', '').toLowerCase());
      socket.destroy();
    });
    socket.on('error', reject);
  });
}
const restartAgent = async () => {
  const { port } = agent.server;
  await agent.server.close(0);
  agent = await startJoinedAgent(folder, calls(), { port });
};
/** As if the worker were killed there: before it asks the agent, or before it writes down the outcome. */
const dyingBefore = (deps: WorkerDeps, call: keyof AgentApi | 'record'): WorkerDeps => ({
  ...deps,
  ...(call === 'record'
    ? {
        db: new Proxy(deps.db, {
          get: (db, name) =>
            name === '$transaction' ? () => Promise.reject(new Error('killed')) : Reflect.get(db, name),
        }),
      }
    : {
        agents: (host) => ({ ...deps.agents(host), [call]: () => Promise.reject(new Error('killed')) }),
      }),
});

test('before two thirds of its life nothing happens; after them the host has a new certificate', async () => {
  const before = await row();
  expect(await renew(one, 59)).toEqual([]);
  expect(await renew(one, 61)).toEqual([id]);
  const after = await row();
  expect(after.certFingerprint).not.toBe(before.certFingerprint);
  expect(after).toMatchObject({ nextCertPem: null, nextCertFingerprint: null, certFingerprint: await shown() });
  expect(after.certExpiresAt?.getTime()).toBeGreaterThan(Date.now() + 800 * DAY);
  expect(await describeHost(one)).toMatchObject({ hostId: id });
  const [audit] = await h.deps.db.audit.findMany({
    where: { action: 'hosts.renewCertificate', subject: `host:${id}` },
  });
  expect(audit).toMatchObject({
    before: { certFingerprint: before.certFingerprint },
    after: { certFingerprint: after.certFingerprint },
  });
  expect(await renew(one, 61)).toEqual([]);
  await restartAgent();
  expect(await describeHost(two)).toMatchObject({ hostId: id });
});

test('a host that is silent, of an agent of before, or of another worker is left alone', async () => {
  expect(await renewDue(at(one, 61), authority, all)).toEqual([]);
  await heard(61);
  expect(await renewDue(at(one, 61), authority, () => false)).toEqual([]);
  await h.deps.db.host.update({ where: { id }, data: { contractVersion: 1 } });
  expect(await renew(one)).toEqual([]);
});

test('calls under way go on through the switch, and the next ones meet the new certificate', async () => {
  const { epoch, seq } = await one.agents({ id }).inventory({});
  const poll = one.agents({ id }).changes({ epoch, after: seq, waitMs: 1_500 });
  expect(await renew(two)).toEqual([id]);
  one.noteHosts([await row()]);
  expect(await poll).toMatchObject({ reset: false });
  expect(await describeHost(one)).toMatchObject({ hostId: id });
});

test.each(['requestCertificate', 'installCertificate', 'record'] as const)(
  'a worker killed before %s: all is served meanwhile, and the next one ends it',
  async (call) => {
    expect(await renew(dyingBefore(one, call))).toEqual([]);
    expect(await describeHost(one)).toMatchObject({ hostId: id });
    await restartAgent();
    expect(await describeHost(one)).toMatchObject({ hostId: id });
    expect(await renew(two)).toEqual([id]);
    expect((await row()).certFingerprint).toBe(await shown());
    expect(await describeHost(one)).toMatchObject({ hostId: id });
  },
);

test('an agent killed with the answer under way has the new certificate, and is believed', async () => {
  const lost: WorkerDeps = {
    ...one,
    agents: (host) => ({
      ...one.agents(host),
      installCertificate: async (input) => {
        await one.agents(host).installCertificate(input);
        throw new Error('the answer is lost');
      },
    }),
  };
  expect(await renew(lost)).toEqual([]);
  await restartAgent();
  expect((await row()).nextCertFingerprint).toBe(await shown());
  expect(await describeHost(two)).toMatchObject({ hostId: id });
  expect(await renew(two)).toEqual([id]);
  expect((await row()).certFingerprint).toBe(await shown());
});

test('two workers at once: one certificate, and both go on', async () => {
  await heard(61);
  for (let round = 0; round < 5; round++) {
    await h.deps.db.host.update({ where: { id }, data: { certExpiresAt: new Date() } });
    await Promise.all([one, two].map((deps) => renewDue(at(deps, 61), authority, (host) => host === id)));
    const after = await row();
    expect(after).toMatchObject({ nextCertPem: null, certFingerprint: await shown() });
    expect(await Promise.all([describeHost(one), describeHost(two)])).toHaveLength(2);
  }
});

test('an agent out of a backup, which has lost the key of the next certificate, is asked for another', async () => {
  expect(await renew(dyingBefore(one, 'installCertificate'))).toEqual([]);
  const signed = (await row()).nextCertFingerprint;
  await rm(join(folder, 'agent.next.key'));
  await restartAgent();
  expect(await renew(one)).toEqual([]);
  expect(await row()).toMatchObject({ nextCertFingerprint: null });
  expect(await renew(one)).toEqual([id]);
  expect((await row()).certFingerprint).not.toBe(signed);
});

test('revoked: calls under way are cut, the next is refused in every worker, and nothing that it has helps', async () => {
  const { epoch, seq } = await one.agents({ id }).inventory({});
  await describeHost(two);
  const poll = codeOf(one.agents({ id }).changes({ epoch, after: seq, waitMs: 25_000 }));
  const old = await row();
  await revokeHost(h.deps, { host: `node-${hosts}`, reason: 'stolen' });
  for (const deps of [one, two]) {
    expect(await codeOf(describeHost(deps))).toBe('FORBIDDEN');
    await expect(describeHost(deps)).rejects.toThrow('was revoked: the machine has to join again');
  }
  one.noteHosts([]);
  expect(await poll).toBe('HYPERVISOR_AWAY');
  expect(await row()).toMatchObject({ certFingerprint: null, revokedReason: 'stolen', lastContactAt: null });
  await heard(61);
  expect(await renewDue(at(one, 61), authority, (host) => host === id)).toEqual([]);
  // Who would put it back by hand, or in a race, is told by the database.
  const put = h.deps.db.host.update({ where: { id }, data: { certFingerprint: old.certFingerprint } });
  await expect(put).rejects.toThrow('Host_revoked');
});

test('revoked in the middle of a renewal: neither certificate is accepted', async () => {
  const revoking: WorkerDeps = {
    ...one,
    agents: (host) => ({
      ...one.agents(host),
      installCertificate: async (input) => {
        const answer = await one.agents(host).installCertificate(input);
        await revokeHost(h.deps, { host: id, reason: 'in the middle' });
        return answer;
      },
    }),
  };
  expect(await renew(revoking)).toEqual([]);
  expect(await row()).toMatchObject({ certFingerprint: null, nextCertFingerprint: null });
  expect(await codeOf(describeHost(one))).toBe('FORBIDDEN');

  await h.deps.db.host.updateMany({ where: { id }, data: { revokedAt: null } });
  expect(await codeOf(describeHost(one))).toBe('FORBIDDEN');
});

test('a token that was out before the revocation is worth nothing; a new one makes the host whole', async () => {
  const token = () => issueJoinToken(h.deps, { name: `node-${hosts}`, zoneId: 'zone', again: true });
  const ask = async (with_: string, csrPem: string) =>
    takeJoinRequest(h.deps, { token: with_, csrPem, agentUrl: agent.url, name: 'x' });
  const [before, waiting] = [await token(), await token()];
  const { csrPem, keyPem } = await makeRequest('again');
  await ask(waiting, csrPem);
  await revokeHost(h.deps, { host: id, reason: 'lost' });
  await signWaiting(h.deps, authority);
  expect(await ask(before, csrPem)).toMatchObject({ state: 'refused' });
  expect(await ask(waiting, csrPem)).toMatchObject({ state: 'refused' });
  expect((await row()).certFingerprint).toBeNull();

  const after = await token();
  await ask(after, csrPem);
  await signWaiting(h.deps, authority);
  const answer = await ask(after, csrPem);
  if (answer.state !== 'signed') throw new Error(answer.state);
  expect(answer.hostId).toBe(id);
  // The agent still shows the old one.
  expect(await codeOf(describeHost(one))).toBe('FORBIDDEN');
  agent.server.serveWith({ certPem: answer.certPem, keyPem, caPem: authority.certPem });
  expect(await describeHost(one)).toMatchObject({ hostId: id });
  expect(await row()).toMatchObject({ revokedAt: null, revokedReason: null });
});

test('a word of a revoked host that was under way is not written down', async () => {
  const stop = new AbortController();
  const watching = watchHost(one, { id }, stop.signal);
  await vi.waitFor(async () => expect((await row()).agentVersion).toBe('simulated'), 10_000);
  await revokeHost(h.deps, { host: id, reason: 'x' });
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  expect(await row()).toMatchObject({ lastContactAt: null, lastError: null });
  stop.abort();
  one.noteHosts([]);
  await watching;
});
