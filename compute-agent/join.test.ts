import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type Authority,
  createAuthority,
  fingerprintOf,
  issueCertificate,
  makeRequest,
} from '../server/pki/authority.ts';
import { systemClock } from './clock.ts';
import { loadIdentity } from './identity.ts';
import { joinPanel, parseToken } from './join.ts';

const SECRET = 'a-one-time-secret';
let authority: Authority;
let dataDir: string;
let panel: Server;
let panelUrl: string;
let asked: { token: string; csrPem: string; agentUrl: string; name: string }[];
let answers: (body: (typeof asked)[number]) => Promise<{ status?: number; body: unknown }>;
const said: string[] = [];

beforeAll(async () => {
  authority = await createAuthority();
});
beforeEach(async () => {
  dataDir = join(await mkdtemp(join(tmpdir(), 'tsubo-join-')), 'agent');
  asked = [];
  panel = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', async () => {
      expect(request.url).toBe('/api/agents/join');
      const body = JSON.parse(text);
      asked.push(body);
      const answer = await answers(body);
      response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' });
      response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => panel.listen(0, '127.0.0.1', resolve));
  const address = panel.address();
  panelUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
});
afterEach(async () => {
  panel.closeAllConnections();
  panel.close();
  await rm(join(dataDir, '..'), { recursive: true, force: true });
});

const signed = async (csrPem: string, options: { by?: Authority; uri?: string; hostId?: string } = {}) => {
  const by = options.by ?? authority;
  const { certPem } = await issueCertificate({
    authority: by,
    csrPem,
    uri: options.uri ?? 'tsubo://host/hst_1',
    days: 30,
  });
  return { state: 'signed', hostId: options.hostId ?? 'hst_1', certPem, caPem: by.certPem };
};
const run = (more: { giveUpMs?: number; token?: string } = {}) =>
  joinPanel({
    dataDir,
    panel: panelUrl,
    token: `tsubo1.${SECRET}.${fingerprintOf(authority.certPem)}`,
    name: 'node1',
    agentUrl: 'https://127.0.0.1:9443',
    clock: systemClock,
    say: (line) => said.push(line),
    ...more,
  });

describe('join', () => {
  it('asks with the same request until it is signed, then keeps key, certificate, CA and host id', async () => {
    answers = async ({ csrPem }) => {
      if (asked.length === 1) return { status: 502, body: '<html>starting</html>' };
      if (asked.length === 2) return { body: { state: 'waiting' } };
      return { body: await signed(csrPem) };
    };
    expect(await run()).toEqual({ hostId: 'hst_1', already: false });
    expect(asked).toHaveLength(3);
    expect(new Set(asked.map((body) => body.csrPem)).size).toBe(1);
    expect(asked[0]).toMatchObject({ token: SECRET, agentUrl: 'https://127.0.0.1:9443', name: 'node1' });
    expect((await stat(join(dataDir, 'agent.key'))).mode & 0o777).toBe(0o600);
    expect((await readdir(dataDir)).sort()).toEqual(['agent.crt', 'agent.key', 'ca.crt', 'host.json']);
    const identity = await loadIdentity(dataDir, systemClock.now());
    expect(identity).toMatchObject({ hostId: 'hst_1', caPem: authority.certPem });
    expect(JSON.parse(await readFile(join(dataDir, 'host.json'), 'utf8'))).toEqual({
      hostId: 'hst_1',
      name: 'node1',
      panel: panelUrl,
    });
  });

  it('does nothing the second time, not even ask', async () => {
    answers = async ({ csrPem }) => ({ body: await signed(csrPem) });
    await run();
    const key = await readFile(join(dataDir, 'agent.key'), 'utf8');
    asked = [];
    expect(await run({ token: 'whatever' })).toEqual({ hostId: 'hst_1', already: true });
    expect(asked).toHaveLength(0);
    expect(await readFile(join(dataDir, 'agent.key'), 'utf8')).toBe(key);
    expect(said.at(-1)).toContain('already');
  });

  it('asks anew where the certificate no longer fits its key', async () => {
    answers = async ({ csrPem }) => ({ body: await signed(csrPem) });
    await run();
    await writeFile(join(dataDir, 'agent.key'), (await makeRequest('other')).keyPem);
    expect(await run()).toEqual({ hostId: 'hst_1', already: false });
    expect(await loadIdentity(dataDir, systemClock.now())).not.toBeNull();
  });

  it('goes on with the same request after it was interrupted', async () => {
    answers = async () => ({ body: { state: 'waiting' } });
    await expect(run({ giveUpMs: 300 })).rejects.toThrow('not joined in time: the panel has not signed yet');
    const first = asked[0]?.csrPem;
    answers = async ({ csrPem }) => ({ body: await signed(csrPem) });
    await run();
    expect(asked.at(-1)?.csrPem).toBe(first);
  });

  it('believes only the CA that the token names', async () => {
    const other = await createAuthority();
    answers = async ({ csrPem }) => ({ body: await signed(csrPem, { by: other }) });
    await expect(run()).rejects.toThrow('another CA');
    expect(await loadIdentity(dataDir, systemClock.now())).toBeNull();
  });

  it.each([
    ['a certificate for another key', async () => signed((await makeRequest('x')).csrPem), 'not for our key'],
    ['another host', (csr: string) => signed(csr, { hostId: 'hst_2' }), 'not for host hst_2'],
    ['a control plane', (csr: string) => signed(csr, { uri: 'tsubo://control-plane/hst_1' }), 'not for host hst_1'],
  ])('does not take %s', async (_what, make, words) => {
    answers = async ({ csrPem }) => ({ body: await make(csrPem) });
    await expect(run()).rejects.toThrow(words);
    expect(await loadIdentity(dataDir, systemClock.now())).toBeNull();
  });

  it('says why the panel refused, at once', async () => {
    answers = async () => ({ status: 403, body: { state: 'refused', why: 'the token was used already' } });
    await expect(run()).rejects.toThrow('the panel refused: the token was used already');
    expect(asked).toHaveLength(1);
  });

  it('does not go on where something else answers', async () => {
    answers = async () => ({ status: 404, body: 'not found' });
    await expect(run()).rejects.toThrow('answered 404 with something else');
  });

  it('says what stood in the way when nobody answers', async () => {
    panel.close();
    panel.closeAllConnections();
    await expect(run({ giveUpMs: 300 })).rejects.toThrow(/ECONNREFUSED/);
  });
});

describe('parseToken', () => {
  it.each(['', 'tsubo1.abc', `tsubo2.${SECRET}.${'a'.repeat(64)}`, `tsubo1.${SECRET}.${'a'.repeat(63)}`])(
    'refuses %j',
    (text) => {
      expect(() => parseToken(text)).toThrow('the token is not whole');
    },
  );
});
