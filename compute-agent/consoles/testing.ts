/** For tests: an agent's server with real certificates, before a guest that is a unix socket and a folder of logs. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { Agent } from 'node:https';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pino } from 'pino';
import { createAuthority, issueCertificate, makeRequest } from '../../server/pki/authority.ts';
import { systemClock } from '../clock.ts';
import type { AgentApi } from '../contract/contract.ts';
import type { Seen } from '../domains/observed.ts';
import type { Body, Change, Hypervisor } from '../driver.ts';
import type { Logger } from '../log.ts';
import { ServerPaths } from '../paths.ts';
import { createRouter } from '../router.ts';
import { type RpcServer, startServer } from '../server.ts';
import type { OpenStream } from '../streams.ts';
import { dial, type Refused } from '../testing-stream.ts';
import { Consoles } from './consoles.ts';

export const SERVER = 'abcdefghij';
export const running: Seen = { state: 'running', reason: 'booted' };
export const off: Seen = { state: 'off', reason: 'guest-shutdown' };

/** The part of a hypervisor that consoles ask. */
class FakeHypervisor {
  readonly bodies = new Map<string, Seen>([[SERVER, running]]);
  readonly #listeners: ((change: Change) => void)[] = [];
  readonly #connected: (() => void)[] = [];

  async look(serverId: string): Promise<Body | null> {
    const seen = this.bodies.get(serverId);
    return seen ? ({ serverId, seen } as Body) : null;
  }
  onChange(listener: (change: Change) => void): void {
    this.#listeners.push(listener);
  }
  onConnected(listener: () => void): void {
    this.#connected.push(listener);
  }
  change(seen: Seen | 'absent', serverId = SERVER): void {
    if (seen === 'absent') this.bodies.delete(serverId);
    else this.bodies.set(serverId, seen);
    for (const listener of this.#listeners) listener({ serverId, seen });
  }
  reconnect(): void {
    for (const listener of this.#connected) listener();
  }
}

export class ConsoleLab {
  readonly folder: string;
  readonly hypervisor = new FakeHypervisor();
  readonly paths: ServerPaths;
  readonly log: Record<string, unknown>[] = [];
  consoles!: Consoles;
  server!: RpcServer;
  /** Of a console-proxy. */
  peer!: Agent;
  readonly #listening: Server[] = [];

  static async create(): Promise<ConsoleLab> {
    const lab = new ConsoleLab(await mkdtemp(join(tmpdir(), 'tsubo-consoles-')));
    await mkdir(dirname(lab.of().serialLog), { recursive: true });
    await mkdir(dirname(lab.of().vncSocket), { recursive: true });
    await lab.#start();
    return lab;
  }

  private constructor(folder: string) {
    this.folder = folder;
    this.paths = new ServerPaths(join(folder, 'data'), join(folder, 'run'));
  }

  of(serverId = SERVER): ReturnType<ServerPaths['of']> {
    return this.paths.of(serverId);
  }

  async #start(): Promise<void> {
    const log = pino({ level: 'debug' }, { write: (line: string) => void this.log.push(JSON.parse(line)) });
    this.consoles = new Consoles({
      hypervisor: this.hypervisor as unknown as Hypervisor,
      paths: this.paths,
      socketOwner: process.getuid?.() ?? 0,
      clock: systemClock,
      log,
    });
    Object.assign(this, await serveStreams(this.consoles.open, log));
  }

  /** A guest's socket; every connection goes to `serve`. */
  async listen(path: string, serve: (socket: Socket) => void): Promise<Server> {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => {});
      serve(socket);
    });
    await rm(path, { force: true });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    this.#listening.push(server);
    return server;
  }

  url(kind: string, query: Record<string, string> = { server: SERVER }): string {
    return `https://127.0.0.1:${this.server.port}/stream/${kind}?${new URLSearchParams(query)}`;
  }

  async open(kind: string, query?: Record<string, string>): Promise<Socket> {
    const stream = await dial(this.peer, this.url(kind, query));
    if ('status' in stream) throw new Error(`refused: ${stream.code} ${stream.message}`);
    return stream;
  }

  async refused(kind: string, query?: Record<string, string>): Promise<Refused> {
    const stream = await dial(this.peer, this.url(kind, query));
    if ('status' in stream) return stream;
    stream.destroy();
    throw new Error('it was opened');
  }

  async destroy(): Promise<void> {
    await this.server.close(0);
    for (const server of this.#listening) server.close();
    this.peer.destroy();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** An agent's server with streams and nothing else, and a console-proxy that may dial it. */
export async function serveStreams(openStream: OpenStream, log: Logger): Promise<{ server: RpcServer; peer: Agent }> {
  const authority = await createAuthority();
  const issue = async (uri: string) => {
    const { csrPem, keyPem } = await makeRequest('test');
    const { certPem } = await issueCertificate({ authority, csrPem, uri, days: 1, addresses: ['127.0.0.1'] });
    return { cert: certPem, key: keyPem };
  };
  const own = await issue('tsubo://host/hst_1');
  const server = await startServer({
    router: createRouter({} as AgentApi, log, systemClock),
    openStream,
    tls: { certPem: own.cert, keyPem: own.key, caPem: authority.certPem },
    listen: { host: '127.0.0.1', port: 0 },
    log,
    clock: systemClock,
  });
  return { server, peer: new Agent({ ca: authority.certPem, ...(await issue('tsubo://console-proxy/main')) }) };
}

/** Collects what comes. */
export function gather(socket: Socket): { readonly text: string; readonly bytes: number; ended: Promise<void> } {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  return {
    get text() {
      return Buffer.concat(chunks).toString('latin1');
    },
    get bytes() {
      return chunks.reduce((sum, { length }) => sum + length, 0);
    },
    ended: new Promise((resolve) => socket.once('close', () => resolve())),
  };
}
