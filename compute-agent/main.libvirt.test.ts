/** The agent as a process: joins a panel, serves the control plane over mutual TLS, outlives kills, stops in order. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type AgentClient, createAgentClient } from '../server/agent-client/client.ts';
import {
  type Authority,
  createAuthority,
  fingerprintOf,
  issueCertificate,
  makeRequest,
} from '../server/pki/authority.ts';
import { IsolatedLibvirtd } from './libvirt/isolated-libvirtd.ts';
import { TestHost } from './testing.ts';

const RPC_PORT = 19_443;
const HEALTH_PORT = 19_444;
const PANEL_PORT = 18_080;
const TOKEN = 'a-token-for-this-test';

let daemon: IsolatedLibvirtd;
let host: TestHost;
let authority: Authority;
let panel: Server;
let fingerprint = '';
let agent: ChildProcess;
let client: AgentClient;
let output = '';

function start(...args: string[]): ChildProcess {
  const env = {
    ...process.env,
    TSUBO_AGENT_DATA: host.dataDir,
    TSUBO_AGENT_RUN: join(host.folder, 'run'),
    TSUBO_AGENT_LISTEN: `127.0.0.1:${RPC_PORT}`,
    TSUBO_HEALTH_PORT: String(HEALTH_PORT),
    TSUBO_IMAGE_SOURCES: join(host.folder, 'sources'),
    TSUBO_PROBE_DIR: join(host.folder, 'no-probe'),
    TSUBO_LOG_LEVEL: 'debug',
    TSUBO_JOIN_TOKEN: `tsubo1.${TOKEN}.${fingerprintOf(authority.certPem)}`,
  };
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout?.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    output += chunk;
  });
  return child;
}
const health = () =>
  fetch(`http://127.0.0.1:${HEALTH_PORT}/healthz`).then(
    async (response) => ({ status: response.status, body: await response.json() }),
    () => ({ status: 0, body: {} }),
  );
async function healthy(): Promise<void> {
  for (let i = 0; i < 300 && (await health()).status !== 200; i++) await sleep(100);
  expect(await health(), output).toEqual({
    status: 200,
    body: { ok: true, release: null, libvirt: 'connected', network: 'ready' },
  });
}
const exitCode = async (child: ChildProcess): Promise<number | null> =>
  child.exitCode ?? ((await once(child, 'exit')) as [number | null])[0];

beforeAll(async () => {
  daemon = await IsolatedLibvirtd.start();
  host = await TestHost.create();
  authority = await createAuthority();
  panel = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', async () => {
      const { csrPem } = JSON.parse(text);
      const issued = await issueCertificate({
        authority,
        csrPem,
        uri: 'tsubo://host/h_process',
        days: 30,
        addresses: ['127.0.0.1'],
      });
      fingerprint = issued.fingerprint;
      response.end(
        JSON.stringify({ state: 'signed', hostId: 'h_process', certPem: issued.certPem, caPem: authority.certPem }),
      );
    });
  }).listen(PANEL_PORT, '127.0.0.1');
  await once(panel, 'listening');
});
afterAll(async () => {
  client?.close();
  if (agent?.exitCode === null) agent.kill('SIGKILL');
  panel?.close();
  await daemon?.kill();
  await host?.destroy();
});

test('does not run before it has joined; joins once; then it serves', async () => {
  expect(await exitCode(start('run'))).toBe(1);
  expect(output).toContain('has to join a panel first');
  const join = ['join', '--panel', `http://127.0.0.1:${PANEL_PORT}`, '--name', 'node1'];
  expect(await exitCode(start(...join)), output).toBe(0);
  expect(await exitCode(start(...join)), output).toBe(0);
  expect(output).toContain('has joined already as host h_process');

  agent = start();
  await healthy();
  const { csrPem, keyPem } = await makeRequest('control plane');
  const { certPem } = await issueCertificate({ authority, csrPem, uri: 'tsubo://control-plane/main', days: 30 });
  client = createAgentClient(
    'h_process',
    async () => ({ agentUrl: `https://127.0.0.1:${RPC_PORT}`, accepted: new Set([fingerprint]) }),
    () => ({ caPem: authority.certPem, certPem, keyPem }),
  );
  expect(await client.api.describeHost({})).toMatchObject({ hostId: 'h_process' });
});

test('calls travel with their id, errors with their code', async () => {
  const { api } = client;
  await expect(api.observe({ serverId: 'aaaaaaaaaa' })).rejects.toMatchObject({ code: 'NO_SUCH_DOMAIN' });
  await api.ensureImage(host.image, { requestId: 'op_1.1.image' });
  // The line is written after the answer, and comes through a pipe.
  await vi.waitFor(() => expect(output).toContain('"requestId":"op_1.1.image"'), 10_000);
});

test('killed in the middle of a create, it goes on where it was; stopped in order, it ends its long polls', async () => {
  const { api } = client;
  const server = host.newServer();
  await api.putVolume({ ...server.at(1), volume: server.volume });
  await api.putSeed({ ...server.at(1), seed: server.seed });
  const cut = api.putNetwork({ ...server.at(1), vifs: server.vifs }).catch((error: { code: string }) => error.code);
  agent.kill('SIGKILL');
  expect(['UNKNOWN_OUTCOME', 'HYPERVISOR_AWAY', undefined]).toContain(
    await cut.then((code) => (typeof code === 'string' ? code : undefined)),
  );
  await exitCode(agent);
  agent = start();
  await healthy();
  expect(await api.putVolume({ ...server.at(1), volume: server.volume })).toEqual({ created: false });
  await api.putSeed({ ...server.at(1), seed: server.seed });
  await api.putNetwork({ ...server.at(1), vifs: server.vifs });
  await api.putDomain({ ...server.at(1), spec: server.spec });
  expect(await api.power({ ...server.at(1), action: 'start' })).toMatchObject({ state: 'running' });

  const { epoch } = await api.inventory({});
  const { seq } = await api.inventory({});
  const waiting = api.changes({ epoch, after: seq, waitMs: 25_000 });
  await sleep(200);
  agent.kill('SIGTERM');
  expect(await waiting).toMatchObject({ reset: false });
  expect(await exitCode(agent), output).toBe(0);

  // The guest outlived its agent; the next one knows it.
  agent = start();
  await healthy();
  expect(await api.observe({ serverId: server.id })).toMatchObject({ state: 'running', generation: 1 });
  expect((await api.removeServer(server.at(1))).removed).toContain('domain');
});

test('takes a new certificate while it runs, and has it after a kill; joined again, it takes that one', async () => {
  const { api } = client;
  const { epoch, seq } = await api.inventory({});
  const poll = api.changes({ epoch, after: seq, waitMs: 2_000 });
  const { csrPem } = await api.requestCertificate({});
  const uri = 'tsubo://host/h_process';
  const issued = await issueCertificate({ authority, csrPem, uri, days: 30, addresses: ['127.0.0.1'] });
  expect(await api.installCertificate({ certPem: issued.certPem })).toEqual({ fingerprint: issued.fingerprint });
  expect(issued.fingerprint).not.toBe(fingerprint);
  fingerprint = issued.fingerprint;
  expect(await poll).toMatchObject({ reset: false });
  expect(await api.describeHost({})).toMatchObject({ hostId: 'h_process' });
  agent.kill('SIGKILL');
  await exitCode(agent);
  agent = start();
  await healthy();
  expect(await api.describeHost({})).toMatchObject({ hostId: 'h_process' });

  const join = ['join', '--panel', `http://127.0.0.1:${PANEL_PORT}`, '--name', 'node1'];
  expect(await exitCode(start(...join, '--again')), output).toBe(0);
  expect(fingerprint).not.toBe(issued.fingerprint);
  await vi.waitFor(async () => expect(await api.describeHost({})).toMatchObject({ hostId: 'h_process' }), 15_000);
});

test('without libvirtd it says so, and recovers by itself', async () => {
  await daemon.kill();
  for (let i = 0; i < 100 && (await health()).status === 200; i++) await sleep(100);
  expect(await health()).toMatchObject({ status: 503, body: { ok: false, libvirt: 'away' } });
  await daemon.start();
  await healthy();
});
