/**
 * The proxy's door: the WebSocket at CONSOLE_PATH, behind nginx. A browser cannot read the answer to a handshake that
 * fails, so whoever comes from the panel is let in and then told why not, by the code of the close. Who comes from
 * another page, or speaks something else, is answered by HTTP.
 */
import { createServer, type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocketServer } from 'ws';
import { newId } from '../server/ids.ts';
import { Console, type ConsoleDeps } from './console.ts';
import { CONSOLE_PATH, PROTOCOL, TICKET_PREFIX } from './contract/socket.ts';
import { keepAlive, standings } from './permission.ts';

/** Longest message of a browser; noVNC cuts at 10 KiB, a paste at the serial port is cut by its page. */
const MESSAGE_BYTES_MAX = 65_536;
const LOOK_MS = 1_000;
const KEEP_EVERY = 10;
const PING_EVERY = 15;
const CLOSE_MS = 1_500;
/** Until it has been admitted a socket costs a little memory; nobody needs so many. */
const SOCKETS_MAX = 2_000;

/** Of what the database knows nothing. */
const GONE = { standing: 'permissionGone', ending: null } as const;

export type ProxyOptions = ConsoleDeps & {
  origin: string;
  listen: { host: string; port: number };
  /** What /healthz says of itself. */
  release: string | null;
};

export type ConsoleProxy = { port: number; close: () => Promise<void> };

export async function startProxy({ origin, listen, release, ...deps }: ProxyOptions): Promise<ConsoleProxy> {
  const { pool, log } = deps;
  const consoles = new Set<Console>();
  const stopping = new AbortController();
  let lookedAt = performance.now();

  const webSockets = new WebSocketServer({
    noServer: true,
    maxPayload: MESSAGE_BYTES_MAX,
    perMessageDeflate: false,
    clientTracking: false,
    handleProtocols: (offered) => (offered.has(PROTOCOL) ? PROTOCOL : false),
  });
  const http = createServer((request, response) => {
    if (request.url !== '/healthz') {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('There is nothing here.\n');
      return;
    }
    const ok = !stopping.signal.aborted && performance.now() - lookedAt < 10 * LOOK_MS;
    response.writeHead(ok ? 200 : 503, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ ok, release, process: 'console-proxy', consoles: consoles.size }));
  });

  const faultOf = ({ url, headers }: IncomingMessage, offered: string[]): [number, string] | undefined => {
    if (url !== CONSOLE_PATH) return [404, 'another address'];
    if (headers.origin !== origin) return [403, 'another origin'];
    if (!offered.includes(PROTOCOL)) return [400, 'another protocol'];
    return stopping.signal.aborted || consoles.size >= SOCKETS_MAX ? [503, 'no room'] : undefined;
  };
  http.on('upgrade', (request: IncomingMessage, stream, head: Buffer) => {
    const socket = stream as Socket;
    socket.on('error', () => {});
    const refuse = (status: number, why: string) => {
      log.info({ why, origin: request.headers.origin?.slice(0, 200), requestId: requestIdOf(request) }, 'refused');
      const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, 'Connection: close', 'Content-Length: 0'];
      socket.end(`${lines.join('\r\n')}\r\n\r\n`);
      setTimeout(() => socket.destroy(), CLOSE_MS).unref();
    };
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((each) => each.trim());
    const fault = faultOf(request, offered);
    if (fault) {
      refuse(...fault);
      return;
    }
    const ticket = offered.find((each) => each.startsWith(TICKET_PREFIX))?.slice(TICKET_PREFIX.length) ?? '';
    socket.setNoDelay(true);
    webSockets.handleUpgrade(request, socket, head, (ws) => {
      const one = new Console(deps, { ws, socket, ticket, requestId: requestIdOf(request) });
      consoles.add(one);
      ws.once('close', () => consoles.delete(one));
    });
  });

  const look = async (round: number): Promise<void> => {
    const asked = [...consoles].flatMap((one) => (one.asker ? [{ one, asker: one.asker }] : []));
    const found = await standings(
      pool,
      asked.map(({ asker }) => asker),
    );
    lookedAt = performance.now();
    for (const { one, asker } of asked) one.looked(found.get(asker.id) ?? GONE);
    if (round % PING_EVERY === 0) for (const one of consoles) one.ping();
    if (round % KEEP_EVERY === 0)
      await keepAlive(
        pool,
        asked.map(({ asker }) => asker.id),
      );
  };
  const loop = async (): Promise<void> => {
    for (let round = 1; !stopping.signal.aborted; round++) {
      await look(round).catch((err: unknown) => log.warn({ err }, 'console-proxy: nobody could be looked at'));
      await sleep(LOOK_MS, undefined, { signal: stopping.signal }).catch(() => {});
    }
  };

  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(listen.port, listen.host, () => {
      http.off('error', reject);
      resolve();
    });
  });
  const looking = loop();
  const address = http.address();
  return {
    port: typeof address === 'object' && address ? address.port : listen.port,
    close: async () => {
      stopping.abort();
      const closed = new Promise<void>((resolve) => http.close(() => resolve()));
      http.closeIdleConnections();
      for (const one of consoles) one.restarting();
      await Promise.race([Promise.all([closed, looking]), sleep(CLOSE_MS)]);
      http.closeAllConnections();
    },
  };
}

/** nginx's; goes into log lines and to the agent. */
function requestIdOf({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : newId('req');
}
