import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHarness, type Harness } from '../operations/testing.ts';
import { type Authority, createAuthority, fingerprintOf, makeRequest } from '../pki/authority.ts';
import { issueJoinToken, signWaiting, takeJoinRequest } from './join.ts';

let h: Harness;
let authority: Authority;
beforeAll(async () => {
  h = await createHarness();
  authority = await createAuthority();
});
afterAll(() => h.drop());

const agentUrl = 'https://192.0.2.7:9443';
const ask = (token: string, csrPem: string) => takeJoinRequest(h.deps, { token, csrPem, agentUrl, name: 'two' });

test('token → request → signed → certificate, and the host is there', async () => {
  const token = await issueJoinToken(h.deps, { name: 'two', zoneId: 'zone' });
  const { csrPem } = await makeRequest('two');
  expect(await ask(token, csrPem)).toEqual({ state: 'waiting' });
  expect(await ask(token, csrPem)).toEqual({ state: 'waiting' });
  await Promise.allSettled([signWaiting(h.deps, authority), signWaiting(h.deps, authority)]);
  const answer = await ask(token, csrPem);
  if (answer.state !== 'signed') throw new Error(answer.state);
  const certificate = new X509Certificate(answer.certPem);
  expect(certificate.subjectAltName).toBe(`URI:tsubo://host/${answer.hostId}, IP Address:192.0.2.7`);
  expect(answer.caPem.trim()).toBe(authority.certPem.trim());
  const host = await h.deps.db.host.findUniqueOrThrow({ where: { id: answer.hostId } });
  expect(host).toMatchObject({ name: 'two', zoneId: 'zone', agentUrl, certFingerprint: fingerprintOf(answer.certPem) });
  // The answer may have been lost: asking again gives the same.
  expect(await ask(token, csrPem)).toEqual(answer);
});

test('a token is for one request, for an hour, and for a name that is free', async () => {
  const token = await issueJoinToken(h.deps, { name: 'three', zoneId: 'zone' });
  const [first, second] = [await makeRequest('three'), await makeRequest('thief')];
  await ask(token, first.csrPem);
  expect(await ask(token, second.csrPem)).toMatchObject({ state: 'refused' });
  expect(await ask('x'.repeat(43), first.csrPem)).toMatchObject({ state: 'refused' });
  await h.deps.db.hostJoin.updateMany({ data: { expiresAt: new Date(0) } });
  expect(await ask(token, first.csrPem)).toMatchObject({ state: 'refused' });
  await expect(issueJoinToken(h.deps, { name: 'two', zoneId: 'zone' })).rejects.toMatchObject({ code: 'NAME_TAKEN' });
  await expect(issueJoinToken(h.deps, { name: 'four', zoneId: 'nowhere' })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
});

test('what the app wrote down too late, or for a token that has been used, is not signed', async () => {
  const [late, used] = [await makeRequest('late'), await makeRequest('used')];
  const tokens = [
    await issueJoinToken(h.deps, { name: 'late', zoneId: 'zone' }),
    await issueJoinToken(h.deps, { name: 'used', zoneId: 'zone' }),
  ] as const;
  await ask(tokens[0], late.csrPem);
  await ask(tokens[1], used.csrPem);
  await h.deps.db.hostJoin.updateMany({ where: { hostName: 'late' }, data: { expiresAt: new Date(0) } });
  await h.deps.db.hostJoin.updateMany({ where: { hostName: 'used' }, data: { signedAt: new Date(0) } });
  await signWaiting(h.deps, authority);
  const joins = await h.deps.db.hostJoin.findMany({
    where: { hostName: { in: ['late', 'used'] } },
    select: { state: true, certPem: true },
  });
  expect(joins).toEqual(Array(2).fill({ state: 'refused', certPem: null }));
  expect(await h.deps.db.host.count({ where: { name: { in: ['late', 'used'] } } })).toBe(0);
});

test('what is no certificate request is refused, and said so', async () => {
  const token = await issueJoinToken(h.deps, { name: 'five', zoneId: 'zone' });
  await ask(token, 'not a request');
  await signWaiting(h.deps, authority);
  expect(await ask(token, 'not a request')).toEqual({ state: 'refused', why: 'not a certificate request' });
  expect(await takeJoinRequest(h.deps, { token })).toMatchObject({ state: 'refused' });
  expect(await takeJoinRequest(h.deps, { token, csrPem: 'x', name: 'x', agentUrl: 'http://plain' })).toMatchObject({
    state: 'refused',
  });
});

test('of two tokens for one name the second is refused, and a join behind it is signed', async () => {
  const requests = [];
  for (const name of ['six', 'six', 'seven']) {
    const token = await issueJoinToken(h.deps, { name, zoneId: 'zone' });
    const { csrPem } = await makeRequest(name);
    expect(await ask(token, csrPem)).toEqual({ state: 'waiting' });
    requests.push({ token, csrPem });
  }
  await signWaiting(h.deps, authority);
  const answers = [];
  for (const { token, csrPem } of requests) answers.push(await ask(token, csrPem));
  expect(answers[2]).toMatchObject({ state: 'signed' });
  // Both may have come within one millisecond.
  expect(answers.slice(0, 2).toSorted((a, b) => a.state.localeCompare(b.state))).toMatchObject([
    {
      state: 'refused',
      why: expect.stringContaining('a host named six has joined already; a token made with --again'),
    },
    { state: 'signed' },
  ]);
  expect(await signWaiting(h.deps, authority)).toBe(0);
});

async function joinAgain(name: string, again: boolean) {
  const token = await issueJoinToken(h.deps, { name, zoneId: 'zone', again });
  const { csrPem } = await makeRequest(name);
  await ask(token, csrPem);
  return async () => {
    const answer = await ask(token, csrPem);
    if (answer.state !== 'signed') throw new Error(answer.state);
    return answer;
  };
}

test('a machine that has lost its identity joins again: the same host with a new certificate', async () => {
  const first = await joinAgain('eight', false);
  await signWaiting(h.deps, authority);
  const { hostId, certPem } = await first();
  await h.deps.db.host.update({ where: { id: hostId }, data: { vcpuTotal: 4, acceptsNew: false } });
  const second = await joinAgain('eight', true);
  await signWaiting(h.deps, authority);
  const answer = await second();
  expect(answer.hostId).toBe(hostId);
  const host = await h.deps.db.host.findUniqueOrThrow({ where: { name: 'eight' } });
  expect(host).toMatchObject({ certFingerprint: fingerprintOf(answer.certPem), vcpuTotal: 4, acceptsNew: false });
  const [audit] = await h.deps.db.audit.findMany({ where: { action: 'hosts.rejoin' } });
  expect(audit).toMatchObject({
    subject: `host:${hostId}`,
    before: { certFingerprint: fingerprintOf(certPem) },
    after: { certFingerprint: host.certFingerprint },
  });
});

test('joining again while the first request is still to be signed: the newer one counts, and there is one host', async () => {
  const first = await joinAgain('nine', true);
  const second = await joinAgain('nine', true);
  await signWaiting(h.deps, authority);
  await expect(first()).rejects.toThrow('refused');
  const { hostId } = await second();
  expect(await h.deps.db.host.findMany({ where: { name: 'nine' }, select: { id: true } })).toEqual([{ id: hostId }]);
});
