/** For tests: a database with a person, a server and its host; a fake agent; a proxy as its own user; browsers. */
import { randomBytes } from 'node:crypto';
import { Pool } from 'pg';
import { type ClientOptions, WebSocket } from 'ws';
import { newId } from '../server/ids.ts';
import { createLogger } from '../server/log.ts';
import { createAuthority, fingerprintOf, issueCertificate, makeRequest } from '../server/pki/authority.ts';
import { createTestDatabase } from '../server/testing/database.ts';
import { testDeps } from '../server/testing/deps.ts';
import { createPerson } from '../server/testing/people.ts';
import { createServerRow } from '../server/testing/server-row.ts';
import { CONSOLE_PATH, PROTOCOL, TICKET_LIFETIME_MS, TICKET_PREFIX } from './contract/socket.ts';
import { ticketHash } from './contract/ticket-hash.ts';
import { createPool } from './database.ts';
import { type ConsoleProxy, startProxy } from './server.ts';
import { FakeAgent } from './testing-agent.ts';
import type { TicketClaim } from './ticket.ts';

const ORIGIN = 'http://localhost:8080';
type Claim = Omit<TicketClaim, 'userId'>;

/** As server/consoles does. @returns the clear ticket */
export async function issueTicket(pool: Pool, claim: Claim, now: Date): Promise<string> {
  const ticket = randomBytes(32).toString('base64url');
  const { sessionId, serverId, kind, viewOnly } = claim;
  const until = new Date(now.getTime() + TICKET_LIFETIME_MS).toISOString();
  await pool.query(
    'INSERT INTO "Ticket" (hash, "sessionId", "serverId", kind, "viewOnly", "expiresAt") VALUES ($1, $2, $3, $4, $5, $6)',
    [ticketHash(ticket), sessionId, serverId, kind, viewOnly, until],
  );
  return ticket;
}

/** A browser's end: everything that it was sent, and how it ended. */
export class Browser {
  readonly ws: WebSocket;
  readonly binary: Buffer[] = [];
  readonly texts: unknown[] = [];
  /** Code and reason. */
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly opened: Promise<void>;

  constructor(port: number, ticket: string, options: ClientOptions = {}) {
    const url = `ws://127.0.0.1:${port}${CONSOLE_PATH}`;
    this.ws = new WebSocket(url, [PROTOCOL, `${TICKET_PREFIX}${ticket}`], { origin: ORIGIN, ...options });
    this.ws.on('message', (data, isBinary) => {
      if (isBinary) this.binary.push(data as Buffer);
      else this.texts.push(JSON.parse(data.toString()));
    });
    this.closed = new Promise((resolve) =>
      this.ws.on('close', (code, reason) => resolve({ code, reason: reason.toString() })),
    );
    this.opened = new Promise((resolve, reject) => this.ws.on('open', resolve).on('error', reject));
    this.opened.catch(() => {});
  }

  get bytes(): Buffer {
    return Buffer.concat(this.binary);
  }
  say(message: object): void {
    this.ws.send(JSON.stringify(message));
  }
}

export type Lab = Awaited<ReturnType<typeof createLab>>;

export async function createLab() {
  const database = await createTestDatabase();
  const deps = testDeps(database.db);
  const { session, accountId } = await createPerson(deps);
  // The proxy goes by the system's clock.
  const tomorrow = new Date(Date.now() + 86_400_000);
  await database.db.session.update({ where: { id: session.id }, data: { expiresAt: tomorrow } });
  const serverId = await createServerRow(deps, accountId);
  const authority = await createAuthority();
  const certificate = async (uri: string, addresses: string[] = []) => {
    const { csrPem, keyPem } = await makeRequest('test');
    const { certPem } = await issueCertificate({ authority, csrPem, uri, days: 1, addresses });
    return { ca: authority.certPem, cert: certPem, key: keyPem };
  };
  const tls = await certificate('tsubo://host/hst_1', ['127.0.0.1']);
  const own = await certificate('tsubo://console-proxy/main');
  const agent = await FakeAgent.start(tls);
  await database.db.host.create({
    data: {
      ...{ id: 'hst_1', zoneId: 'test-zone', name: 'h', agentUrl: agent.url },
      ...{ certFingerprint: fingerprintOf(tls.cert), certIssuedAt: new Date(), certExpiresAt: new Date() },
      joinedAt: new Date(),
    },
  });
  const place = { id: newId('plc'), serverId, hostId: 'hst_1', createdAt: new Date() };
  await database.db.placement.create({ data: place });

  const log = createLogger('test', process.env.TEST_LOG ?? 'silent');
  const identity = { caPem: own.ca, certPem: own.cert, keyPem: own.key };
  const pool = createPool(database.urlAs('tsubo_proxy'), log);
  const panel = new Pool({ connectionString: database.url });
  // pg's end() does not wait for the sockets, and dropping the database cuts those that are left.
  for (const each of [pool, panel]) each.on('connect', (client) => client.on('error', () => {}));
  const options = { pool, identity: () => identity, log, idleMs: 30 * 60_000, origin: ORIGIN, release: 'r1' };
  const start = (rest: { idleMs?: number } = {}): Promise<ConsoleProxy> =>
    startProxy({ ...options, ...rest, listen: { host: '127.0.0.1', port: 0 } });
  const proxy = await start();

  const claim: Claim = { sessionId: session.id, serverId, kind: 'vnc', viewOnly: false };
  const ticket = (rest: Partial<Claim> = {}) => issueTicket(panel, { ...claim, ...rest }, new Date());
  return {
    ...{ db: database.db, deps, session, accountId, serverId, agent, pool, proxy, start, identity },
    host: { id: 'hst_1', agentUrl: agent.url, accepted: new Set([fingerprintOf(tls.cert)]) },
    certificate,
    ticket,
    browser: async (rest: Partial<Claim> = {}, port = proxy.port) => new Browser(port, await ticket(rest)),
    end: async () => {
      await proxy.close();
      await agent.stop();
      await pool.end();
      await panel.end();
      await database.drop();
    },
  };
}
