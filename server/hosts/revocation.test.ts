/** Revocation between the control plane and the agent's own server, over real mutual TLS. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { WorkerDeps } from '../deps.ts';
import { makeRequest } from '../pki/authority.ts';
import { issueJoinToken, signWaiting, takeJoinRequest } from './join.ts';
import { revokeHost } from './revoke.ts';
import { codeOf, createTrust, type TestWorker, type Trust, type TrustedHost } from './testing.ts';
import { watchHost } from './watch.ts';

vi.setConfig({ testTimeout: 60_000 });
let trust: Trust;
let host: TrustedHost;
/** Two workers. */
let one: TestWorker;
let two: TestWorker;
beforeAll(async () => {
  trust = await createTrust();
});
afterAll(() => trust.drop());
beforeEach(async () => {
  host = await trust.newHost();
  [one, two] = [trust.worker(), trust.worker()];
});
afterEach(async () => {
  one.close();
  two.close();
  await host.end();
});

test('revoked: calls under way are cut, the next is refused in every worker, and nothing that it has helps', async () => {
  const { epoch, seq } = await one.agents({ id: host.id }).inventory({});
  await host.describe(two);
  const poll = codeOf(one.agents({ id: host.id }).changes({ epoch, after: seq, waitMs: 25_000 }));
  const old = await host.row();
  await revokeHost(trust.deps, { host: host.name, reason: 'stolen' });
  for (const deps of [one, two]) {
    expect(await codeOf(host.describe(deps))).toBe('FORBIDDEN');
    await expect(host.describe(deps)).rejects.toThrow('was revoked: the machine has to join again');
  }
  one.noteHosts([]);
  expect(await poll).toBe('HYPERVISOR_AWAY');
  expect(await host.row()).toMatchObject({ certFingerprint: null, revokedReason: 'stolen', lastContactAt: null });
  expect(await host.renew(one)).toEqual([]);
  // Who would put it back by hand, or in a race, is told by the database.
  const put = trust.deps.db.host.update({ where: { id: host.id }, data: { certFingerprint: old.certFingerprint } });
  await expect(put).rejects.toThrow('Host_revoked');
});

test('revoked in the middle of a renewal: neither certificate is accepted', async () => {
  const revoking: WorkerDeps = {
    ...one,
    agents: (of) => ({
      ...one.agents(of),
      installCertificate: async (input) => {
        const answer = await one.agents(of).installCertificate(input);
        await revokeHost(trust.deps, { host: host.id, reason: 'in the middle' });
        return answer;
      },
    }),
  };
  expect(await host.renew(revoking)).toEqual([]);
  expect(await host.row()).toMatchObject({ certFingerprint: null, nextCertFingerprint: null });
  expect(await codeOf(host.describe(one))).toBe('FORBIDDEN');

  await trust.deps.db.host.updateMany({ where: { id: host.id }, data: { revokedAt: null } });
  expect(await codeOf(host.describe(one))).toBe('FORBIDDEN');
});

test('a token that was out before the revocation is worth nothing; a new one makes the host whole', async () => {
  const token = () => issueJoinToken(trust.deps, { name: host.name, zoneId: 'zone', again: true });
  const ask = async (with_: string, csrPem: string) =>
    takeJoinRequest(trust.deps, { token: with_, csrPem, agentUrl: host.url, name: 'x' });
  const [before, waiting] = [await token(), await token()];
  const { csrPem, keyPem } = await makeRequest('again');
  await ask(waiting, csrPem);
  await revokeHost(trust.deps, { host: host.id, reason: 'lost' });
  await signWaiting(trust.deps, trust.authority);
  expect(await ask(before, csrPem)).toMatchObject({ state: 'refused' });
  expect(await ask(waiting, csrPem)).toMatchObject({ state: 'refused' });
  expect((await host.row()).certFingerprint).toBeNull();

  const after = await token();
  await ask(after, csrPem);
  await signWaiting(trust.deps, trust.authority);
  const answer = await ask(after, csrPem);
  if (answer.state !== 'signed') throw new Error(answer.state);
  expect(answer.hostId).toBe(host.id);
  // The agent still shows the old one.
  expect(await codeOf(host.describe(one))).toBe('FORBIDDEN');
  host.serveWith({ certPem: answer.certPem, keyPem, caPem: trust.authority.certPem });
  expect(await host.describe(one)).toMatchObject({ hostId: host.id });
  expect(await host.row()).toMatchObject({ revokedAt: null, revokedReason: null });
});

test('a word of a revoked host that was under way is not written down', async () => {
  const stop = new AbortController();
  const watching = watchHost(one, { id: host.id }, stop.signal);
  await vi.waitFor(async () => expect((await host.row()).agentVersion).toBe('simulated'), 10_000);
  await revokeHost(trust.deps, { host: host.id, reason: 'x' });
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  expect(await host.row()).toMatchObject({ lastContactAt: null, lastError: null });
  stop.abort();
  one.noteHosts([]);
  await watching;
});
