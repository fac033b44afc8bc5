/**
 * HTTPS with mutual TLS at `/rpc/<call>`. The handshake lets in what Tsubo's CA signed for clients, which are the
 * control planes. Hosts that joined before there was that difference hold certificates for both ends, so the
 * certificate's URI decides once more, before anything of the request is looked at.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { PeerCertificate, TLSSocket } from 'node:tls';
import { nodeHTTPRequestHandler } from '@trpc/server/adapters/node-http';
import type { Clock } from './clock.ts';
import type { Logger } from './log.ts';
import { type createRouter, logFailure } from './router.ts';

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
}

export interface RpcServer {
  /** Useful where port 0 was asked for. */
  readonly port: number;
  /** Answers new connections with another certificate; open ones go on with the one that they began with. */
  serveWith(tls: Tls): void;
  /** No new calls; those in flight may end within `graceMs`, then the connections are cut. */
  close(graceMs: number): Promise<void>;
}

export async function startServer({ router, tls, listen, log, clock }: ServerOptions): Promise<RpcServer> {
  let inFlight = 0;
  let closing = false;
  let idle: (() => void) | undefined;

  const handler = (request: IncomingMessage, response: ServerResponse): void => {
    const peer = controlPlaneName(namesOf(request));
    if (peer === null) {
      log.warn({ ...strangerOf(request), code: 'FORBIDDEN' }, 'call refused');
      response.writeHead(403, { 'content-type': 'application/json', connection: 'close' }).end(FORBIDDEN);
      return;
    }
    // Node has not parsed this: nothing may throw here.
    const pathname = URL.parse(request.url ?? '/', 'https://agent')?.pathname;
    if (pathname === undefined) {
      response.writeHead(400, { 'content-type': 'text/plain' }).end('This is no address.\n');
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
        peer,
        requestId: requestIdOf(request) ?? randomUUID(),
        started: clock.monotonic(),
      }),
      onError: (failure) => logFailure(log, clock, failure, strangerOf(request)),
    });
  };

  const contextWith = ({ certPem, keyPem, caPem }: Tls) =>
    ({ cert: certPem, key: keyPem, ca: caPem, minVersion: 'TLSv1.3' }) as const;
  const server: Server = createServer({ ...contextWith(tls), requestCert: true, rejectUnauthorized: true }, handler);
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

/** What is known of one who may not call. */
const strangerOf = (request: IncomingMessage) => ({
  requestId: requestIdOf(request),
  certificate: namesOf(request),
  address: request.socket.remoteAddress,
});

function namesOf(request: IncomingMessage): string | undefined {
  // null once the connection is gone, whatever the type says.
  const certificate = (request.socket as TLSSocket).getPeerCertificate() as PeerCertificate | null;
  return certificate?.subjectaltname;
}

/** It goes into log lines: no line breaks, no novels. */
function requestIdOf({ headers }: IncomingMessage): string | undefined {
  const given = headers['x-request-id'];
  return typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : undefined;
}

/**
 * `subjectaltname` is Node's listing: `URI:…, IP Address:…`. Node puts names with unusual characters in quotes,
 * which do not match here, so a name cannot pretend to be two. More than one URI is nobody that we issued.
 */
export function controlPlaneName(subjectaltname: string | undefined): string | null {
  const uris = (subjectaltname ?? '').split(', ').filter((name) => name.startsWith('URI:'));
  if (uris.length !== 1) return null;
  return /^URI:tsubo:\/\/control-plane\/([A-Za-z0-9_-]{1,64})$/.exec(uris[0] as string)?.[1] ?? null;
}
