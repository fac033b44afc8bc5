import { Agent, type Agent as HttpsAgent } from 'node:https';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Authority, createAuthority, issueCertificate, makeRequest } from '../server/pki/authority.ts';
import { systemClock } from './clock.ts';
import type { AgentApi } from './contract/contract.ts';
import { AgentError } from './contract/errors.ts';
import { createRouter } from './router.ts';
import { type RpcServer, startServer } from './server.ts';
import { type Answer, ask, type Sent } from './testing-ask.ts';
import { certificateForBoth } from './testing-certificate.ts';

const lines: Record<string, unknown>[] = [];
const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
const seen: unknown[] = [];
const calls = {
  observe: async (input: { serverId: string }) => {
    seen.push(input);
    if (input.serverId === 'aaaaaaaaaa') throw new AgentError('NO_SUCH_DOMAIN', 'no domain aaaaaaaaaa');
    if (input.serverId === 'bbbbbbbbbb') throw new Error('a defect');
    if (input.serverId === 'cccccccccc') return { serverId: 'not an observation' };
    if (input.serverId === 'dddddddddd') await new Promise((resolve) => setTimeout(resolve, 300));
    return { serverId: input.serverId, state: 'running', reason: 'booted', generation: 3 };
  },
  changes: (_input: unknown, options: { signal: AbortSignal }) =>
    new Promise((_resolve, reject) => options.signal.addEventListener('abort', () => reject(hangsUp()))),
  removeServer: async () => ({ removed: ['domain'] }),
} as unknown as AgentApi;

let hangsUp: () => Error = () => new Error('the caller is gone');
let authority: Authority;
let server: RpcServer;
const start = async () => {
  const own = await certificate(authority, 'tsubo://host/hst_1');
  return startServer({
    router: createRouter(calls, log, systemClock),
    tls: { certPem: own.cert, keyPem: own.key, caPem: authority.certPem },
    listen: { host: '127.0.0.1', port: 0 },
    log,
    clock: systemClock,
  });
};

async function certificate(by: Authority, uri: string) {
  const { csrPem, keyPem } = await makeRequest('test');
  const { certPem } = await issueCertificate({ authority: by, csrPem, uri, days: 1, addresses: ['127.0.0.1'] });
  return { cert: certPem, key: keyPem };
}
const agentFor = (identity: { cert?: string; key?: string }, more = {}): HttpsAgent =>
  new Agent({ ...identity, ca: authority.certPem, ...more });

const call = (agent: HttpsAgent, path: string, { port, ...sent }: Sent & { port?: number } = {}) =>
  ask(agent, `https://127.0.0.1:${port ?? server.port}${path}`, sent);
const observe = (id: string) => `/rpc/observe?input=${encodeURIComponent(JSON.stringify({ serverId: id }))}`;

let controlPlane: HttpsAgent;
beforeAll(async () => {
  authority = await createAuthority();
  server = await start();
  controlPlane = agentFor(await certificate(authority, 'tsubo://control-plane/main'));
});
afterAll(async () => {
  await server.close(0);
});

describe('who may call', () => {
  it('answers a control plane', async () => {
    const { status, body } = await call(controlPlane, observe('abcdefghij'));
    expect(status).toBe(200);
    expect(body.result?.data).toEqual({ serverId: 'abcdefghij', state: 'running', reason: 'booted', generation: 3 });
  });

  it.each(['tsubo://host/hst_1', 'tsubo://origin/panel_example'])(
    'ends the handshake of %s of the same CA, which is for servers, and says so',
    async (uri) => {
      const before = lines.length;
      await expect(call(agentFor(await certificate(authority, uri)), '//')).rejects.toThrow();
      expect(lines.slice(before)).toEqual([
        expect.objectContaining({ level: 40, msg: 'connection refused', why: 'INVALID_PURPOSE' }),
      ]);
    },
  );

  it.each(['tsubo://host/hst_1', 'tsubo://host/control-plane'])(
    'refuses %s, which may be a client, with FORBIDDEN, whatever it asks',
    async (uri) => {
      const before = seen.length;
      const host = agentFor(await certificateForBoth(authority, uri));
      for (const path of ['/', '//', 'http://[/', '/rpc/%'])
        expect((await call(host, '/', { options: { path } })).status, path).toBe(403);
      for (const answer of [
        await call(host, observe('abcdefghij')),
        await call(host, '/rpc/removeServer', { body: { serverId: 'abcdefghij', generation: 1 } }),
      ]) {
        expect(answer.status).toBe(403);
        expect(answer.body.error?.data.agentCode).toBe('FORBIDDEN');
      }
      expect(seen.length).toBe(before);
    },
  );

  it('lets nobody in without a certificate, nor with one of another CA', async () => {
    await expect(call(agentFor({}), observe('abcdefghij'))).rejects.toThrow();
    const foreign = await certificate(await createAuthority(), 'tsubo://control-plane/main');
    await expect(call(agentFor(foreign), observe('abcdefghij'))).rejects.toThrow();
  });

  it('speaks no TLS below 1.3', async () => {
    const identity = await certificate(authority, 'tsubo://control-plane/main');
    await expect(call(agentFor(identity, { maxVersion: 'TLSv1.2' }), observe('abcdefghij'))).rejects.toThrow(
      /version/i,
    );
  });

  it('lets a console-proxy call nothing but what looks at a screen', async () => {
    const before = seen.length;
    const proxy = agentFor(await certificate(authority, 'tsubo://console-proxy/main'));
    for (const path of ['/', '/rpc/', '/rpc/screenshot/x', '/rpc/inventory', observe('abcdefghij')])
      expect((await call(proxy, path)).status, path).toBe(403);
    for (const path of ['/rpc/removeServer', '/rpc/power', '/rpc/screenshots,removeServer'])
      expect((await call(proxy, path, { body: { serverId: 'abcdefghij', generation: 1 } })).status, path).toBe(403);
    expect(seen.length).toBe(before);
    // Known to this agent or not, it is no matter of who asks.
    expect((await call(proxy, '/rpc/screenshot?input=%7B%7D')).status).not.toBe(403);
  });
});

describe('what travels', () => {
  it.each([
    ['aaaaaaaaaa', 404, 'NO_SUCH_DOMAIN', 'no domain aaaaaaaaaa'],
    ['bbbbbbbbbb', 500, 'INTERNAL', 'unexpected: a defect'],
    ['cccccccccc', 500, 'INTERNAL', expect.stringContaining('not an answer of observe')],
    ['UPPER', 400, 'BAD_REQUEST', expect.stringContaining('serverId')],
  ])('answers %s with %d %s', async (id, status, agentCode, message) => {
    const answer = await call(controlPlane, observe(id));
    expect(answer.status).toBe(status);
    expect(answer.body.error?.data.agentCode).toBe(agentCode);
    expect(answer.body.error?.message).toEqual(message);
    expect(JSON.stringify(answer.body)).not.toContain('stack');
  });

  it('refuses a call that is not in the contract, a batch, and anything outside /rpc', async () => {
    expect((await call(controlPlane, '/rpc/format')).body.error?.data.agentCode).toBe('BAD_REQUEST');
    expect((await call(controlPlane, '/rpc/observe?batch=1&input=%7B%7D')).body.error?.data.agentCode).toBe(
      'BAD_REQUEST',
    );
    expect((await call(controlPlane, '/')).status).toBe(404);
  });

  it('refuses a body beyond its limit', async () => {
    const body = { serverId: 'abcdefghij', generation: 1, more: 'x'.repeat(2 * 1024 * 1024) };
    const answer = await call(controlPlane, '/rpc/removeServer', { body }).catch(() => null);
    expect(answer?.body.result).toBeUndefined();
  });

  it('logs a caller who may not command, a call that cannot be read, and an answer that is none: a line each', async () => {
    const host = agentFor(await certificateForBoth(authority, 'tsubo://host/hst_2'));
    const logged = async (made: Promise<Answer>) => {
      const before = lines.length;
      await made;
      return lines.slice(before);
    };
    const headers = { 'x-request-id': 'op_2.1.look' };
    const refusal = { level: 40, msg: 'call refused', call: 'observe', requestId: 'op_2.1.look' };
    expect(await logged(call(host, observe('abcdefghij'), { headers }))).toEqual([
      expect.objectContaining({
        ...{ level: 40, msg: 'call refused', code: 'FORBIDDEN', requestId: 'op_2.1.look', address: '127.0.0.1' },
        certificate: 'URI:tsubo://host/hst_2, IP Address:127.0.0.1',
      }),
    ]);
    expect(await logged(call(controlPlane, observe('UPPER'), { headers }))).toEqual([
      expect.objectContaining({ ...refusal, code: 'BAD_REQUEST', peer: 'main', serverId: 'UPPER' }),
    ]);
    expect(await logged(call(controlPlane, observe('cccccccccc'), { headers }))).toEqual([
      expect.objectContaining({ ...refusal, level: 50, msg: 'call failed', code: 'INTERNAL', serverId: 'cccccccccc' }),
    ]);
    expect(await logged(call(controlPlane, observe('aaaaaaaaaa'), { headers }))).toEqual([
      expect.objectContaining({ ...refusal, code: 'NO_SUCH_DOMAIN', serverId: 'aaaaaaaaaa' }),
    ]);
    expect(await logged(call(controlPlane, '/rpc/format', { headers }))).toEqual([
      expect.objectContaining({ ...refusal, call: 'format', code: 'BAD_REQUEST' }),
    ]);
  });

  it('outlives request lines that are no addresses', async () => {
    for (const path of ['//', 'http://[/', '/rpc/%', '/rpc/observe?input=%'])
      expect([400, 404], path).toContain((await call(controlPlane, '/', { options: { path } })).status);
    expect((await call(controlPlane, '/', { options: { path: '//' } })).status).toBe(400);
    // The client would hold our certificate against this name.
    const careless = agentFor(await certificate(authority, 'tsubo://control-plane/main'), {
      rejectUnauthorized: false,
    });
    expect((await call(careless, observe('abcdefghij'), { headers: { host: '[' } })).status).toBe(400);
    expect((await call(controlPlane, observe('abcdefghij'))).status).toBe(200);
  });

  it("logs a changing call under the caller's request id, with its server and generation", async () => {
    const headers = { 'x-request-id': 'op_1.1.define' };
    await call(controlPlane, '/rpc/removeServer', { body: { serverId: 'abcdefghij', generation: 7 }, headers });
    expect(lines.at(-1)).toMatchObject({
      level: 30,
      requestId: 'op_1.1.define',
      call: 'removeServer',
      serverId: 'abcdefghij',
      generation: 7,
      peer: 'main',
      msg: 'call',
    });
  });
});

it('tells a long poll that its caller is gone', async () => {
  const gone = new Promise<void>((resolve) => {
    hangsUp = () => {
      resolve();
      return new Error('the caller is gone');
    };
  });
  const impatient = agentFor(await certificate(authority, 'tsubo://control-plane/main'));
  const input = encodeURIComponent(JSON.stringify({ epoch: 'e', after: 0, waitMs: 30_000 }));
  const cut = expect(call(impatient, `/rpc/changes?input=${input}`)).rejects.toThrow();
  await new Promise((resolve) => setTimeout(resolve, 100));
  impatient.destroy();
  await gone;
  await cut;
});

describe('shutdown', () => {
  it('finishes calls in flight and takes no new ones', async () => {
    const other = await start();
    const keepAlive = agentFor(await certificate(authority, 'tsubo://control-plane/main'));
    const slow = call(keepAlive, observe('dddddddddd'), { port: other.port });
    await new Promise((resolve) => setTimeout(resolve, 100));
    const closed = other.close(5_000);
    await expect(call(keepAlive, observe('abcdefghij'), { port: other.port })).rejects.toThrow();
    expect((await slow).status).toBe(200);
    await closed;
  });

  it('cuts a call that outlasts the grace', async () => {
    const other = await start();
    const slow = call(controlPlane, observe('dddddddddd'), { port: other.port });
    const cut = expect(slow).rejects.toThrow();
    await new Promise((resolve) => setTimeout(resolve, 100));
    await other.close(20);
    await cut;
  });
});
