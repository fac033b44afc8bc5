/**
 * HTTPS with mutual TLS at `/rpc/<call>`, and streams (streams.ts). The handshake lets in what Tsubo's CA signed for
 * clients, which are control planes and console-proxies. Hosts that joined before there was that difference hold
 * certificates for both ends, so the certificate's URI decides once more, before anything of the request is looked at.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Socket } from 'node:net';
import { nodeHTTPRequestHandler } from '@trpc/server/adapters/node-http';
import type { Clock } from './clock.ts';
import { STREAM_PREFIX } from './contract/streams.ts';
import type { Logger } from './log.ts';
import { mayCall, namesOf, peerOf, requestIdOf, strangerOf } from './peers.ts';
import { type createRouter, logFailure } from './router.ts';
import { asksForStream, NO_UPGRADE, type OpenStream, Streams } from './streams.ts';

const PREFIX = '/rpc/';
/** A domain with many disks and keys is some ten KiB. */
const BODY_BYTES_MAX = 1024 * 1024;
/** As tRPC says it, so that a client makes the same AgentError of it. */
const FORBIDDEN = JSON.stringify({
  error: {
    code: -32003,
    message: 'only a control plane may command an agent',
    data: { code: 'FORBIDDEN', httpStatus: 403, agentCode: 'FORBIDDEN' },
  },
});

type Tls = { certPem: string; keyPem: string; caPem: string };

export interface ServerOptions {
  router: ReturnType<typeof createRouter>;
  tls: Tls;
  listen: { host: string; port: number };
  log: Logger;
  clock: Clock;
  /** Without it there are no streams. */
  openStream?: OpenStream;
}

export interface RpcServer {
  /** Useful where port 0 was asked for. */
  readonly port: number;
  /** Answers new connections with another certificate; open ones go on with the one that they began with. */
  serveWith(tls: Tls): void;
  /** No new calls, and no streams; calls in flight may end within `graceMs`, then the connections are cut. */
  close(graceMs: number): Promise<void>;
}

export async function startServer({ router, tls, listen, log, clock, openStream }: ServerOptions): Promise<RpcServer> {
  let inFlight = 0;
  let closing = false;
  let idle: (() => void) | undefined;

  const handler = (request: IncomingMessage, response: ServerResponse): void => {
    const forbid = (): void => {
      log.warn({ ...strangerOf(request), code: 'FORBIDDEN' }, 'call refused');
      response.writeHead(403, { 'content-type': 'application/json', connection: 'close' }).end(FORBIDDEN);
    };
    const peer = peerOf(namesOf(request));
    if (peer === null) {
      forbid();
      return;
    }
    // Node has not parsed this: nothing may throw here.
    const pathname = URL.parse(request.url ?? '/', 'https://agent')?.pathname;
    if (pathname === undefined) {
      response.writeHead(400, { 'content-type': 'text/plain' }).end('This is no address.\n');
      return;
    }
    if (streams && pathname.startsWith(STREAM_PREFIX)) {
      response.writeHead(400, { 'content-type': 'application/json' }).end(NO_UPGRADE);
      return;
    }
    if (!mayCall(peer, pathname.startsWith(PREFIX) ? pathname.slice(PREFIX.length) : '')) {
      forbid();
      return;
    }
    if (!pathname.startsWith(PREFIX)) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('There is nothing here.\n');
      return;
    }
    if (closing) response.setHeader('connection', 'close');
    inFlight += 1;
    response.once('close', () => {
      inFlight -= 1;
      if (inFlight === 0) idle?.();
    });
    void nodeHTTPRequestHandler({
      req: request,
      res: response,
      router,
      path: pathname.slice(PREFIX.length),
      allowBatching: false,
      maxBodySize: BODY_BYTES_MAX,
      createContext: async () => ({
        peer: peer.name,
        requestId: requestIdOf(request) ?? randomUUID(),
        started: clock.monotonic(),
      }),
      onError: (failure) => logFailure(log, clock, failure, strangerOf(request)),
    });
  };

  const contextWith = ({ certPem, keyPem, caPem }: Tls) =>
    ({ cert: certPem, key: keyPem, ca: caPem, minVersion: 'TLSv1.3' }) as const;
  const streams = openStream ? new Streams({ open: openStream, log, clock }) : null;
  const server: Server = createServer(
    {
      ...contextWith(tls),
      requestCert: true,
      rejectUnauthorized: true,
      shouldUpgradeCallback: (request) => streams !== null && asksForStream(request),
    },
    handler,
  );
  if (streams) server.on('upgrade', (request, socket, head) => streams.take(request, socket as Socket, head));
  server.on('tlsClientError', (_error, socket) => {
    // Who merely went away, or speaks no TLS, showed no certificate. The address is forgotten by now.
    const why: unknown = socket.authorizationError;
    if (why) log.warn({ why }, 'connection refused');
  });
  // Longer than the longest long poll and the slowest changing call.
  server.requestTimeout = 180_000;
  // A new handshake costs more than an idle socket.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(listen.port, listen.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();

  return {
    port: typeof address === 'object' && address !== null ? address.port : listen.port,
    serveWith: (tls) => server.setSecureContext(contextWith(tls)),
    close: async (graceMs) => {
      closing = true;
      streams?.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      if (inFlight > 0) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, graceMs);
          idle = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      server.closeAllConnections();
      await closed;
    },
  };
}
