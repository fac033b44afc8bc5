/** Renewal between the control plane and the agent's own server, over real mutual TLS. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { AgentApi } from '../../compute-agent/contract/contract.ts';
import type { WorkerDeps } from '../deps.ts';
import { renewDue } from './renew.ts';
import { codeOf, createTrust, DAY, type TestWorker, type Trust, type TrustedHost } from './testing.ts';

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

const in61Days = (deps: WorkerDeps): WorkerDeps => ({ ...deps, clock: { now: () => new Date(Date.now() + 61 * DAY) } });
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
        agents: (of) => ({ ...deps.agents(of), [call]: () => Promise.reject(new Error('killed')) }),
      }),
});

test('before two thirds of its life nothing happens; after them the host has a new certificate', async () => {
  const before = await host.row();
  expect(await host.renew(one, 59)).toEqual([]);
  expect(await host.renew(one, 61)).toEqual([host.id]);
  const after = await host.row();
  expect(after.certFingerprint).not.toBe(before.certFingerprint);
  expect(after).toMatchObject({ nextCertPem: null, nextCertFingerprint: null, certFingerprint: await host.shown() });
  expect(after.certExpiresAt?.getTime()).toBeGreaterThan(Date.now() + 800 * DAY);
  expect(await host.describe(one)).toMatchObject({ hostId: host.id });
  const [audit] = await trust.deps.db.audit.findMany({
    where: { action: 'hosts.renewCertificate', subject: `host:${host.id}` },
  });
  expect(audit).toMatchObject({
    before: { certFingerprint: before.certFingerprint },
    after: { certFingerprint: after.certFingerprint },
  });
  expect(await host.renew(one, 61)).toEqual([]);
  await host.restart();
  expect(await host.describe(two)).toMatchObject({ hostId: host.id });
});

test('a host that is silent, of an agent of before, or of another worker is left alone', async () => {
  expect(await renewDue(in61Days(one), trust.authority, () => true)).toEqual([]);
  await host.heard(61);
  expect(await renewDue(in61Days(one), trust.authority, () => false)).toEqual([]);
  await trust.deps.db.host.update({ where: { id: host.id }, data: { contractVersion: 1 } });
  expect(await host.renew(one)).toEqual([]);
});

test('calls under way go on through the switch, and the next ones meet the new certificate', async () => {
  const { epoch, seq } = await one.agents({ id: host.id }).inventory({});
  const poll = one.agents({ id: host.id }).changes({ epoch, after: seq, waitMs: 1_500 });
  expect(await host.renew(two)).toEqual([host.id]);
  one.noteHosts([await host.row()]);
  expect(await poll).toMatchObject({ reset: false });
  expect(await host.describe(one)).toMatchObject({ hostId: host.id });
});

test('many calls of both workers while it is renewed again and again: each is answered', async () => {
  const stop = new AbortController();
  const answers: string[] = [];
  const caller = async (deps: WorkerDeps) => {
    while (!stop.signal.aborted) answers.push(await codeOf(host.describe(deps)));
  };
  const callers = [one, two, one, two].map(caller);
  for (let round = 0; round < 10; round++) {
    await trust.deps.db.host.update({ where: { id: host.id }, data: { certExpiresAt: new Date() } });
    expect(await host.renew(one)).toEqual([host.id]);
    two.noteHosts([await host.row()]);
  }
  stop.abort();
  await Promise.all(callers);
  expect(answers.length).toBeGreaterThan(20);
  expect(answers.filter((code) => code !== 'none')).toEqual([]);
});

test.each(['requestCertificate', 'installCertificate', 'record'] as const)(
  'a worker killed before %s: all is served meanwhile, and the next one ends it',
  async (call) => {
    expect(await host.renew(dyingBefore(one, call))).toEqual([]);
    expect(await host.describe(one)).toMatchObject({ hostId: host.id });
    await host.restart();
    expect(await host.describe(one)).toMatchObject({ hostId: host.id });
    expect(await host.renew(two)).toEqual([host.id]);
    expect((await host.row()).certFingerprint).toBe(await host.shown());
    expect(await host.describe(one)).toMatchObject({ hostId: host.id });
  },
);

test('an agent killed with the answer under way has the new certificate, and is believed', async () => {
  const lost: WorkerDeps = {
    ...one,
    agents: (of) => ({
      ...one.agents(of),
      installCertificate: async (input) => {
        await one.agents(of).installCertificate(input);
        throw new Error('the answer is lost');
      },
    }),
  };
  expect(await host.renew(lost)).toEqual([]);
  await host.restart();
  expect((await host.row()).nextCertFingerprint).toBe(await host.shown());
  expect(await host.describe(two)).toMatchObject({ hostId: host.id });
  expect(await host.renew(two)).toEqual([host.id]);
  expect((await host.row()).certFingerprint).toBe(await host.shown());
});

test('two workers at once: one certificate, and both go on', async () => {
  for (let round = 0; round < 5; round++) {
    await trust.deps.db.host.update({ where: { id: host.id }, data: { certExpiresAt: new Date() } });
    await Promise.all([host.renew(one), host.renew(two)]);
    const after = await host.row();
    expect(after).toMatchObject({ nextCertPem: null, certFingerprint: await host.shown() });
    expect(await Promise.all([host.describe(one), host.describe(two)])).toHaveLength(2);
  }
});

test('an agent out of a backup, which has lost the key of the next certificate, is asked for another', async () => {
  expect(await host.renew(dyingBefore(one, 'installCertificate'))).toEqual([]);
  const signed = (await host.row()).nextCertFingerprint;
  await rm(join(host.folder, 'agent.next.key'));
  await host.restart();
  expect(await host.renew(one)).toEqual([]);
  expect(await host.row()).toMatchObject({ nextCertFingerprint: null });
  expect(await host.renew(one)).toEqual([host.id]);
  expect((await host.row()).certFingerprint).not.toBe(signed);
});
