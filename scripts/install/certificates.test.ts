/** The installation's own certificates: renewed, whole after a crash, and in use without a restart. */
import { type ChildProcess, spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Panel } from '../../compute-agent/panel.ts';
import { certificateForBoth } from '../../compute-agent/testing-certificate.ts';
import { createLogger } from '../../server/log.ts';
import { fingerprintOf, issueCertificate, makeRequest } from '../../server/pki/authority.ts';
import { identityIn } from '../../server/pki/identity-files.ts';
import { ensureCertificates, ensureOriginCertificate, tellNginx } from './certificates.ts';
import { type Layout, layoutOf } from './layout.ts';
import { nginxConfig } from './nginx.ts';
import { readSettings } from './settings.ts';
import type { Users } from './users.ts';

let layout: Layout;
let nginx: ChildProcess | undefined;
const self = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
const users: Users = {
  ...{ 'tsubo-pg': self, 'tsubo-web': self, 'tsubo-app': self },
  ...{ 'tsubo-worker': self, 'tsubo-console': self },
};
const pki = (name: string) => join(layout.pki, name);
const read = (name: string) => readFileSync(pki(name), 'utf8');

beforeEach(() => {
  layout = layoutOf(mkdtempSync(join(tmpdir(), 'tsubo-certificates-')));
  for (const folder of [layout.pki, layout.run]) mkdirSync(folder);
});
afterEach(() => {
  // Its workers outlive a master that is killed.
  if (nginx?.pid !== undefined) process.kill(-nginx.pid, 'SIGKILL');
  nginx = undefined;
  rmSync(layout.data, { recursive: true, force: true });
});

test('one of before, for both ends of a connection, is made anew for the end that it is at', async () => {
  const settings = readSettings({ TSUBO_ORIGIN: 'https://127.0.0.1:8443' });
  await ensureCertificates(layout, users);
  const authority = { certPem: read('ca.crt'), keyPem: read('ca.key') };
  for (const [name, usage] of [
    ['control-plane', '1.3.6.1.5.5.7.3.2'],
    ['origin', '1.3.6.1.5.5.7.3.1'],
  ]) {
    const { cert, key } = await certificateForBoth(authority, `tsubo://${name}/x`);
    writeFileSync(pki(`${name}.crt`), cert);
    writeFileSync(pki(`${name}.key`), key);
    await ensureCertificates(layout, users);
    await ensureOriginCertificate(layout, settings, users);
    expect(new X509Certificate(read(`${name}.crt`)).keyUsage).toEqual([usage]);
  }
});

test.each(['panel.example', '192.0.2.7', '[2001:db8::7]', `${'a'.repeat(60)}.panel.example`])(
  'the front door of %s has a certificate for it, once',
  async (name) => {
    const settings = readSettings({ TSUBO_ORIGIN: `https://${name}:8443` });
    await ensureCertificates(layout, users);
    await ensureOriginCertificate(layout, settings, users);
    const made = read('origin.crt');
    await ensureOriginCertificate(layout, settings, users);
    expect(read('origin.crt')).toBe(made);
  },
);

/** What is there, but with so many days left. */
async function age(name: 'control-plane' | 'origin', days: number): Promise<string> {
  const authority = { certPem: read('ca.crt'), keyPem: read('ca.key') };
  const { csrPem, keyPem } = await makeRequest('old');
  const uri = name === 'origin' ? 'tsubo://origin/panel_example' : 'tsubo://control-plane/worker';
  const { certPem } = await issueCertificate({ authority, csrPem, uri, days, addresses: ['panel.example'] });
  writeFileSync(pki(`${name}.key`), keyPem);
  writeFileSync(pki(`${name}.crt`), certPem);
  return certPem;
}

test('what is good stays; what runs out within 30 days, or was cut off between its files, is made anew', async () => {
  expect(await ensureCertificates(layout, users)).toBe(true);
  const [ca, made] = [read('ca.crt'), read('control-plane.crt')];
  expect(await ensureCertificates(layout, users)).toBe(false);
  await age('control-plane', 31);
  expect(await ensureCertificates(layout, users)).toBe(false);
  await age('control-plane', 29);
  expect(await ensureCertificates(layout, users)).toBe(true);
  // The old certificate beside the new key.
  writeFileSync(pki('control-plane.crt'), made);
  expect(await ensureCertificates(layout, users)).toBe(true);
  writeFileSync(pki('control-plane.crt'), '');
  expect(await ensureCertificates(layout, users)).toBe(true);
  expect(read('ca.crt')).toBe(ca);
  expect(new X509Certificate(read('control-plane.crt')).subjectAltName).toBe('URI:tsubo://control-plane/worker');
});

test('a worker that runs shows the renewed certificate, and never a pair that does not fit', async () => {
  await ensureCertificates(layout, users);
  await age('control-plane', 29);
  const identity = identityIn(layout.pki, 'control-plane', createLogger('test', 'silent'));
  const before = identity();
  const newKey = (await makeRequest('half')).keyPem;
  writeFileSync(pki('control-plane.key'), newKey);
  expect(identity()).toEqual(before);
  await ensureCertificates(layout, users);
  expect(identity()).toEqual({
    caPem: read('ca.crt'),
    certPem: read('control-plane.crt'),
    keyPem: read('control-plane.key'),
  });
  expect(identity().certPem).not.toBe(before.certPem);
  rmSync(pki('control-plane.crt'));
  expect(identity().certPem).not.toBe(before.certPem);
});

test("nginx shows the origin's renewed certificate without a restart; an unchanged one is no reason to tell it", async () => {
  const port = await freePort();
  const settings = readSettings({ TSUBO_ORIGIN: `https://panel.example:${port}`, TSUBO_PORT: String(port) });
  await ensureCertificates(layout, users);
  await ensureOriginCertificate(layout, settings, users);
  const old = await age('origin', 29);
  const tls = { certificate: pki('origin.crt'), key: pki('origin.key') };
  tellNginx(layout, tls);
  nginx = startNginx(port, tls);
  await vi.waitFor(async () => expect(await shown(port)).toBe(new X509Certificate(old).fingerprint256), 10_000);
  const pid = nginx.pid;

  expect(tellNginx(layout, tls)).toBe(false);
  await ensureOriginCertificate(layout, settings, users);
  const renewed = new X509Certificate(read('origin.crt')).fingerprint256;
  await vi.waitFor(async () => expect(await shown(port)).toBe(renewed), 10_000);
  expect(nginx).toMatchObject({ pid, exitCode: null });
  expect(tellNginx(layout, tls)).toBe(false);
});

test('a machine that knows the token alone is served by nginx with what it needs to believe it', async () => {
  const port = await freePort();
  const settings = readSettings({ TSUBO_ORIGIN: `https://localhost:${port}` });
  await ensureCertificates(layout, users);
  const tls = await ensureOriginCertificate(layout, settings, users);
  if (!tls) throw new Error('no certificate');
  nginx = startNginx(port, tls);
  const panel = new Panel(`https://localhost:${port}`, fingerprintOf(read('ca.crt')));
  // Nothing is behind it: the answer is nginx's own.
  await vi.waitFor(async () => expect((await panel.post('/api/agents/join', {})).status).toBe(502), 10_000);

  // As releases of before had it.
  writeFileSync(pki('origin.crt'), read('origin.crt').replace(read('ca.crt').trim(), ''));
  await ensureOriginCertificate(layout, settings, users);
  expect(read('origin.crt')).toContain(read('ca.crt').trim());
});

function startNginx(port: number, tls: { certificate: string; key: string }): ChildProcess {
  const folder = join(layout.run, 'nginx');
  for (const name of ['', 'body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']) mkdirSync(join(folder, name));
  const config = nginxConfig({
    runFolder: folder,
    staticFolder: folder,
    origin: new URL(`https://panel.example:${port}`),
    port,
    appPort: 1,
    consolePort: 1,
    tls: { ...tls, trusted: false },
  });
  writeFileSync(join(folder, 'nginx.conf'), config);
  const out = openSync(join(folder, 'out'), 'w');
  const args = ['-e', 'stderr', '-p', folder, '-c', join(folder, 'nginx.conf')];
  const child = spawn('/usr/sbin/nginx', args, { detached: true, stdio: ['ignore', out, out] });
  closeSync(out);
  return child;
}

const shown = (port: number) =>
  new Promise<string>((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.on('error', reject);
  });

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
