import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
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
});

test('streams are neither buffered nor compressed', () => {
  const config = nginxConfig(given());
  expect(config).toMatch(/location \/api\/ \{[^}]*proxy_buffering off;[^}]*proxy_read_timeout 1h;/);
  expect(config.match(/gzip_types ([^;]*);/)?.[1]).not.toMatch(/event-stream|jsonl/);
});
