import { createServer } from 'node:http';

/** The build puts its release in here; run from the sources there is none. */
const RELEASE = process.env.TSUBO_RELEASE ?? null;

/** What `/healthz` answers: 200 while all is true, else 503. */
export interface Health {
  libvirt: boolean;
  network: boolean;
}

/** Plain HTTP on loopback, for the supervisor. Returns how to stop it. */
export async function startHealth(port: number, read: () => Health): Promise<{ port: number; close: () => void }> {
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/healthz') {
      response.writeHead(404).end();
      return;
    }
    const health = read();
    const ok = health.libvirt && health.network;
    response.writeHead(ok ? 200 : 503, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(
      `${JSON.stringify({ ok, release: RELEASE, libvirt: health.libvirt ? 'connected' : 'away', network: health.network ? 'ready' : 'not ready' })}\n`,
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
