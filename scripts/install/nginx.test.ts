import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Nginx, nginxConfig } from './nginx.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsubo-nginx-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const given = (more: Partial<Nginx> = {}): Nginx => ({
  runFolder: folder,
  staticFolder: folder,
  origin: new URL('http://localhost:8080'),
  port: 8080,
  appPort: 3100,
  consolePort: 3300,
  ...more,
});

/** What nginx itself says about it. */
function judge(config: string): string {
  for (const name of ['body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']) mkdirSync(join(folder, name), { recursive: true });
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, config);
  // A file: nginx opens its standard output again by name, which a socket (Node's pipe) does not allow.
  const out = openSync(join(folder, 'out'), 'w');
  const args = ['-t', '-e', 'stderr', '-p', folder, '-c', file];
  const { status, stderr } = spawnSync('/usr/sbin/nginx', args, { encoding: 'utf8', stdio: ['ignore', out, 'pipe'] });
  closeSync(out);
  return status === 0 ? 'ok' : stderr;
}

test('nginx takes the configuration without TLS, on the loopback only', () => {
  const config = nginxConfig(given());
  expect(judge(config)).toBe('ok');
  expect([...config.matchAll(/listen (\S+);/g)].map((match) => match[1])).toSatisfy((addresses: string[]) =>
    addresses.every((address) => /^(127\.0\.0\.1|\[::1\]):8080$/.test(address)),
  );
});

test('nginx takes the configuration with TLS', () => {
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const made = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-subj',
    '/CN=x',
    '-days',
    '1',
  ];
  execFileSync('/usr/bin/openssl', [...made, '-keyout', key, '-out', certificate], { stdio: 'ignore' });
  const config = nginxConfig(
    given({ origin: new URL('https://panel.example'), port: 8443, tls: { certificate, key, trusted: false } }),
  );
  expect(judge(config)).toBe('ok');
  expect(config).toContain('listen 8443 ssl http2;');
  // Who has no trust in Tsubo's CA could never come back by a browser that was told to insist on TLS.
  expect(config).not.toContain('Strict-Transport-Security');
  const trusted = nginxConfig(
    given({ origin: new URL('https://panel.example'), tls: { certificate, key, trusted: true } }),
  );
  expect(judge(trusted)).toBe('ok');
  expect(trusted).toContain('add_header Strict-Transport-Security "max-age=31536000" always;');
});

test('who comes without TLS to a port with it is sent to the origin', async () => {
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=x'];
  execFileSync('/usr/bin/openssl', [...made, '-days', '1', '-keyout', key, '-out', certificate], { stdio: 'ignore' });
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  const tls = { certificate, key, trusted: false };
  const config = nginxConfig(given({ origin: new URL('https://panel.example'), port, tls }));
  expect(judge(config)).toBe('ok');
  const out = openSync(join(folder, 'out'), 'w');
  const args = ['-e', 'stderr', '-p', folder, '-c', join(folder, 'nginx.conf')];
  const nginx = spawn('/usr/sbin/nginx', args, { stdio: ['ignore', out, out] });
  closeSync(out);
  try {
    const answer = await vi.waitFor(
      () => fetch(`http://127.0.0.1:${port}/login?from=%2Fx`, { redirect: 'manual' }),
      5_000,
    );
    expect(answer.status).toBe(301);
    expect(answer.headers.get('location')).toBe('https://panel.example/login?from=%2Fx');
  } finally {
    nginx.kill('SIGTERM');
    await once(nginx, 'exit');
  }
});

test('streams are neither buffered nor compressed', () => {
  const config = nginxConfig(given());
  expect(config).toMatch(/location \/api\/ \{[^}]*proxy_buffering off;[^}]*proxy_read_timeout 1h;/);
  expect(config.match(/gzip_types ([^;]*);/)?.[1]).not.toMatch(/event-stream|jsonl/);
});
