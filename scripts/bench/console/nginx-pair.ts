/** The peer with the same shape as ours: TCP → nginx → mutual TLS 1.3 → nginx → unix socket, bare bytes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Certificates, HOST_NAME } from './certificates.ts';
import { freePort, listens } from './ports.ts';
import type { Side } from './side.ts';

type Options = { folder: string; module: string; certificates: Certificates; target: string };

export async function startNginxPair({ folder, module, certificates, target }: Options): Promise<Side> {
  const [outer, inner] = [await freePort(), await freePort()];
  const pki = (name: string) => join(certificates.folder, name);
  const started: ChildProcess[] = [];
  const start = (name: string, server: string[]): void => {
    const own = join(folder, name);
    mkdirSync(own, { recursive: true });
    const lines = [
      `load_module ${module};`,
      // The unix socket is in a folder that is ours alone.
      ...['user root;', 'worker_processes 1;', 'daemon off;'],
      ...[`pid ${own}/pid;`, `error_log ${own}/error.log warn;`, 'events { worker_connections 4096; }'],
      `stream { server { ${server.join(' ')} } }`,
    ];
    writeFileSync(join(own, 'nginx.conf'), `${lines.join('\n')}\n`);
    const args = ['-c', join(own, 'nginx.conf'), '-p', own];
    // NGINX would be sockets that it inherits.
    const { NGINX: _, ...env } = process.env;
    started.push(spawn('/usr/sbin/nginx', args, { stdio: 'inherit', env }));
  };
  start('inner', [
    `listen 127.0.0.1:${inner} ssl backlog=511;`,
    `ssl_certificate ${pki('host.crt')}; ssl_certificate_key ${pki('host.key')};`,
    `ssl_protocols TLSv1.3; ssl_verify_client on; ssl_client_certificate ${pki('ca.crt')};`,
    `proxy_pass unix:${target};`,
  ]);
  start('outer', [
    `listen 127.0.0.1:${outer} backlog=511;`,
    `proxy_ssl on; proxy_ssl_protocols TLSv1.3; proxy_ssl_verify on; proxy_ssl_name ${HOST_NAME};`,
    `proxy_ssl_trusted_certificate ${pki('ca.crt')}; proxy_ssl_session_reuse off;`,
    `proxy_ssl_certificate ${pki('console-proxy.crt')}; proxy_ssl_certificate_key ${pki('console-proxy.key')};`,
    `proxy_pass 127.0.0.1:${inner};`,
  ]);
  await Promise.all([listens(outer), listens(inner)]);
  return {
    name: 'nginx-mtls-pair',
    pids: started.map(({ pid }) => pid as number),
    way: async () => ({ is: 'bare', target: outer }),
    left: async () => {},
    stop: async () => {
      for (const child of started) child.kill('SIGTERM');
    },
  };
}
