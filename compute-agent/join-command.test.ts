/** `agent join` as a process: where it takes the token from, and which panels this machine's own roots vouch for. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type Authority,
  createAuthority,
  fingerprintOf,
  issueCertificate,
  makeRequest,
} from '../server/pki/authority.ts';

const SECRET = 'a-one-time-secret';
let folder: string;
let authority: Authority;
let panel: Server;
let origin: string;
let token: string;

/** A panel whose front door has a certificate of `publicCa`, which the token does not name. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tsubo-join-command-'));
  authority = await createAuthority();
  token = `tsubo1.${SECRET}.${fingerprintOf(authority.certPem)}`;
  const publicCa = await createAuthority();
  writeFileSync(join(folder, 'roots.pem'), publicCa.certPem);
  const sign = async (by: Authority, csrPem: string, uri: string, addresses: string[]) =>
    (await issueCertificate({ authority: by, csrPem, uri, days: 1, addresses })).certPem;
  const { csrPem, keyPem } = await makeRequest('origin');
  const cert = await sign(publicCa, csrPem, 'tsubo://origin/x', ['localhost']);
  panel = createServer({ cert, key: keyPem }, async (request, response) => {
    let text = '';
    for await (const part of request) text += part;
    const asked = JSON.parse(text) as { token: string; csrPem: string };
    if (asked.token !== SECRET) return response.end(JSON.stringify({ state: 'refused', why: 'another token' }));
    const certPem = await sign(authority, asked.csrPem, 'tsubo://host/hst_1', []);
    response.end(JSON.stringify({ state: 'signed', hostId: 'hst_1', certPem, caPem: authority.certPem }));
  });
  await new Promise<void>((resolve) => panel.listen(0, 'localhost', resolve));
  const address = panel.address();
  origin = `https://localhost:${typeof address === 'object' ? address?.port : ''}`;
});
afterEach(() => {
  panel.closeAllConnections();
  panel.close();
  rmSync(folder, { recursive: true, force: true });
});

function run({ env, input, args = [] }: { env?: Record<string, string>; input?: string; args?: string[] }) {
  const command = [join(import.meta.dirname, 'main.ts'), 'join', '--panel', origin, '--name', 'node1', ...args];
  const child = spawn(process.execPath, command, {
    env: { ...process.env, TSUBO_AGENT_DATA: join(folder, 'agent'), ...env },
  });
  child.stdin.end(input);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => {
      said += text;
    });
  }
  return new Promise<{ status: number | null; said: string }>((resolve) =>
    child.on('close', (status) => resolve({ status, said })),
  );
}

test("the token comes by a variable or by standard input, and a root of this machine's vouches for the panel", async () => {
  const SSL_CERT_FILE = join(folder, 'roots.pem');
  expect(await run({ env: { SSL_CERT_FILE, TSUBO_JOIN_TOKEN: token } })).toEqual({
    status: 0,
    said: `Joined ${origin} as host hst_1.\n`,
  });
  const { status, said } = await run({ env: { SSL_CERT_FILE }, input: `${token}\n`, args: ['--again'] });
  expect(said).toContain('Joined');
  expect(status).toBe(0);
});

test.each([
  ['no token', {}, /^tsubo agent: join needs the token .*TSUBO_JOIN_TOKEN/],
  ['a token on the command line', { args: ['--token', 'tsubo1.x'] }, /every user of this machine.*TSUBO_JOIN_TOKEN/],
  ['a root that nobody knows', { input: 'TOKEN' }, /neither this machine .* nor the token knows the CA/],
])('%s is said in one sentence', async (_, given, words) => {
  const input = 'input' in given ? token : '';
  const { status, said } = await run({ ...given, input });
  expect(said).toMatch(words);
  expect(said.trim().split('\n')).toHaveLength(1);
  expect(status).toBe(1);
});
