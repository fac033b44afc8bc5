/** For tests: a host's agent over real mutual TLS, which answers streams and pictures as the test wants. */
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { AgentErrorCode } from '../compute-agent/contract/errors.ts';
import { STREAM_PROTOCOL } from '../compute-agent/contract/streams.ts';

type Asked = { kind: string; query: Record<string, string>; requestId: string | undefined };
/** The beginning of every PNG. */
export const PICTURE = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');

export class FakeAgent {
  readonly asked: Asked[] = [];
  readonly sockets = new Set<Socket>();
  screenshots = 0;
  /** With what streams are refused. */
  refuses: AgentErrorCode | null = null;
  /** What follows 101; what it writes at once leaves together with it. */
  onStream: (socket: Socket, asked: Asked) => void = () => {};
  readonly #server: Server;

  static async start(tls: { ca: string; cert: string; key: string }): Promise<FakeAgent> {
    const server = createServer({ ...tls, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.3' });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new FakeAgent(server);
  }

  private constructor(server: Server) {
    this.#server = server;
    server.on('upgrade', (request, stream) => {
      const socket = stream as Socket;
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket)).on('error', () => {});
      const url = new URL(request.url ?? '/', 'https://agent');
      const kind = url.pathname.slice('/stream/'.length);
      const requestId = request.headers['x-request-id'] as string | undefined;
      const asked = { kind, query: Object.fromEntries(url.searchParams), requestId };
      this.asked.push(asked);
      if (this.refuses) {
        const body = JSON.stringify({ error: { message: 'refused', data: { agentCode: this.refuses } } });
        socket.end(`HTTP/1.1 409 No\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
        return;
      }
      socket.setNoDelay(true).cork();
      socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${STREAM_PROTOCOL}\r\n\r\n`);
      this.onStream(socket, asked);
      socket.uncork();
    });
    server.on('request', (_, response) => {
      this.screenshots += 1;
      const data = { png: PICTURE.toString('base64'), width: 1, height: 1 };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ result: { data } }));
    });
  }

  get url(): string {
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** As when it is restarted: every connection is cut. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.cut();
    this.#server.closeAllConnections();
  }
}
