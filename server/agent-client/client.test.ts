/** The client against the agent's own HTTPS server and router, over real mutual TLS. */
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../compute-agent/clock.ts';
import { AgentError } from '../../compute-agent/contract/errors.ts';
import { createLogger } from '../../compute-agent/log.ts';
import { createRouter } from '../../compute-agent/router.ts';
import { type RpcServer, startServer } from '../../compute-agent/server.ts';
import { certificateForBoth } from '../../compute-agent/testing-certificate.ts';
import { type Authority, createAuthority, issueCertificate, makeRequest } from '../pki/authority.ts';
import { createAgentClient } from './client.ts';
import { contractSuite } from './contract-suite.ts';
import { createSimulatedAgent, type SimulatedAgent } from './simulated.ts';

const digest = 'b'.repeat(64);
let authority: Authority;
let simulated: SimulatedAgent;
let server: RpcServer;
let address: { hostId: string; url: string; certFingerprint: string };
let identity: { caPem: string; certPem: string; keyPem: string };
const closers: (() => unknown)[] = [];

const certificate = async (uri: string) => {
  const { csrPem, keyPem } = await makeRequest('test');
  return { keyPem, ...(await issueCertificate({ authority, csrPem, uri, days: 1, addresses: ['127.0.0.1'] })) };
};

const log = createLogger('silent');
const start = (async () => {
  authority = await createAuthority();
  simulated = createSimulatedAgent({ hostId: 'h_one', images: [[digest, 10]], caPem: authority.certPem });
  const host = await certificate('tsubo://host/h_one');
  server = await startServer({
    router: createRouter(simulated.api, log, systemClock),
    tls: { certPem: host.certPem, keyPem: host.keyPem, caPem: authority.certPem },
    listen: { host: '127.0.0.1', port: 0 },
    log,
    clock: systemClock,
  });
  address = { hostId: 'h_one', url: `https://127.0.0.1:${server.port}`, certFingerprint: host.fingerprint };
  identity = { caPem: authority.certPem, ...(await certificate('tsubo://control-plane/test')) };
  return makeClient(address);
})();

beforeAll(() => start);
afterAll(async () => {
  for (const close of closers) await close();
  await server.close(0);
});
function makeClient({ hostId, url, certFingerprint }: typeof address, as = identity) {
  const record = { agentUrl: url, accepted: new Set([certFingerprint]) };
  const client = createAgentClient(
    hostId,
    async () => record,
    () => as,
  );
  closers.push(client.close);
  return client;
}
const clientOf = (over: Partial<typeof address>, as = identity) => makeClient({ ...address, ...over }, as).api;
const codeOf = (answer: Promise<unknown>) =>
  answer.then(
    () => 'none',
    (error: AgentError) => error.code,
  );

describe('the contract holds over the wire', () => {
  contractSuite(async () => ({
    api: (await start).api,
    hostId: 'h_one',
    authority,
    digestOfAnImage: digest,
    bytes: 10,
    address: (n) => ({
      index: 0,
      mac: `52:54:00:00:01:${n.toString(16).padStart(2, '0')}`,
      ipv4: { address: `10.78.0.${10 + n}`, prefix: 24, gateway: '10.78.0.1' },
      ipv6: { address: `fd78::${(10 + n).toString(16)}`, gateway: 'fd78::1' },
    }),
  }));
});

describe('who answers', () => {
  test('another host id, or another certificate than the one on record, is not believed', async () => {
    expect(await codeOf(clientOf({ hostId: 'h_two' }).describeHost({}))).toBe('FORBIDDEN');
    expect(await codeOf(clientOf({ certFingerprint: 'c'.repeat(64) }).describeHost({}))).toBe('FORBIDDEN');
  });

  test("a host's certificate commands nothing", async () => {
    const { cert: certPem, key: keyPem } = await certificateForBoth(authority, 'tsubo://host/h_two');
    const ofBefore = { caPem: authority.certPem, certPem, keyPem };
    expect(await codeOf(clientOf({}, ofBefore).describeHost({}))).toBe('FORBIDDEN');
    // It does not even get a connection.
    const other = { caPem: authority.certPem, ...(await certificate('tsubo://host/h_two')) };
    expect(await codeOf(clientOf({}, other).describeHost({}))).toBe('HYPERVISOR_AWAY');
  });
});

describe('when what a host may show changes', () => {
  /** The record as it is at each reading; the last one stays. */
  const reading = (...pins: string[]) => {
    const left = [...pins];
    let reads = 0;
    const client = createAgentClient(
      'h_one',
      async () => {
        reads += 1;
        return { agentUrl: address.url, accepted: new Set([(left.length > 1 ? left.shift() : left[0]) as string]) };
      },
      () => identity,
    );
    closers.push(client.close);
    return { client, reads: () => reads };
  };
  const before = 'c'.repeat(64);

  test('a record that was read just before a renewal is read again, once', async () => {
    const renewed = reading(before, address.certFingerprint);
    expect(await codeOf(renewed.client.api.describeHost({}))).toBe('none');
    expect(renewed.reads()).toBe(2);
    const stranger = reading(before);
    expect(await codeOf(stranger.client.api.describeHost({}))).toBe('FORBIDDEN');
    expect(stranger.reads()).toBe(2);
  });

  test('a connection that stands carries nothing more when its certificate is no longer accepted', async () => {
    const { client } = reading(address.certFingerprint, before);
    expect(await codeOf(client.api.describeHost({}))).toBe('none');
    const asked: string[] = [];
    simulated.gate.before = async (call) => void asked.push(call);
    expect(await codeOf(client.api.removeSeed({ serverId: 'aaaaaaaaaa', generation: 1 }))).toBe('FORBIDDEN');
    simulated.gate.before = async () => {};
    expect(asked).toEqual([]);
  });
});

describe('what a failure means', () => {
  const target = { serverId: 'aaaaaaaaaa', generation: 1 };

  test('nobody listens: nothing has happened', async () => {
    const api = clientOf({ url: 'https://127.0.0.1:9' });
    expect(await codeOf(api.removeSeed(target))).toBe('HYPERVISOR_AWAY');
    expect(await codeOf(api.describeHost({}))).toBe('HYPERVISOR_AWAY');
  });

  test('cut before the handshake: nothing has happened', async () => {
    const cutter: Server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => cutter.listen(0, '127.0.0.1', resolve));
    const { port } = cutter.address() as { port: number };
    expect(await codeOf(clientOf({ url: `https://127.0.0.1:${port}` }).removeSeed(target))).toBe('HYPERVISOR_AWAY');
    cutter.close();
  });

  test('sent and never answered: unknown for a change, away for a question', async () => {
    const stop = new AbortController();
    simulated.gate.before = () => new Promise((resolve) => setTimeout(resolve, 500));
    const api = clientOf({});
    const change = codeOf(api.removeSeed(target, { signal: stop.signal }));
    const question = codeOf(api.describeHost({}, { signal: stop.signal }));
    await new Promise((resolve) => setTimeout(resolve, 150));
    stop.abort();
    expect(await change).toBe('UNKNOWN_OUTCOME');
    expect(await question).toBe('HYPERVISOR_AWAY');
    simulated.gate.before = async () => {};
  });

  test("the agent's own word travels with its code and text", async () => {
    simulated.inject({ call: 'putVolume', when: 'before', error: new AgentError('NO_SPACE', 'the pool is full') });
    const volume = { id: `vol_${'a'.repeat(16)}`, sizeGiB: 1, format: 'qcow2' as const, backingDigest: digest };
    await expect((await start).api.putVolume({ ...target, volume })).rejects.toMatchObject({
      code: 'NO_SPACE',
      message: 'the pool is full',
    });
  });
});
