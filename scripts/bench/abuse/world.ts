/** The real console-proxy and the agent's consoles, a server whose guest this process plays, and staff who may look. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Pool } from 'pg';
import { CONSOLES_PER_ACCOUNT } from '../../../console-proxy/contract/socket.ts';
import { ticketHash } from '../../../console-proxy/contract/ticket-hash.ts';
import { createDeps } from '../../../server/deps.ts';
import { createLogger } from '../../../server/log.ts';
import { createTestDatabase } from '../../../server/testing/database.ts';
import { createPerson } from '../../../server/testing/people.ts';
import { startPostgres } from '../../../server/testing/postgres.ts';
import type { Agent } from '../console/agent.ts';
import { makeCertificates } from '../console/certificates.ts';
import { Helper } from '../console/helper.ts';
import { createGuests, type Guest, hostIsAt } from '../console/people.ts';
import { freePort, listens } from '../console/ports.ts';

export const ORIGIN = 'http://localhost:8080';
/** What the guest's screen says to whoever comes. */
export const GREETING = Buffer.from('RFB 003.008\n');
/** They have a limit of consoles for each of them, so many of them may look at one server. */
const STAFF = 100;
const SHOWN_MAX = 20;
const MAIN = fileURLToPath(new URL('../../../console-proxy/main.ts', import.meta.url));

export type Kind = 'vnc' | 'serial';
export type World = Awaited<ReturnType<typeof createWorld>>;

export async function createWorld() {
  const folder = mkdtempSync(join(tmpdir(), 'tsubo-bench-abuse.'));
  const undo: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const end = async () => {
    for (const each of undo.splice(0).reverse()) await each();
  };
  const postgres = await startPostgres();
  undo.push(() => postgres.stop());
  process.env.TEST_DATABASE_URL = postgres.url;
  const database = await createTestDatabase();
  undo.push(() => database.drop());
  const [guest] = (await createGuests(database.db, 1)) as [Guest];
  const deps = createDeps(database.db, createLogger('bench', 'error'));
  const sessions: string[] = [];
  for (let n = 0; n < STAFF; n++) sessions.push((await createPerson(deps, { staffRole: 'support' })).session.id);

  const folders = { data: join(folder, 'data'), run: join(folder, 'run') };
  const serialLog = join(folders.data, 'serial', guest.serverId, 'serial.log');
  for (const each of [join(folders.run, guest.serverId), join(folders.data, 'serial', guest.serverId)])
    mkdirSync(each, { recursive: true });
  writeFileSync(serialLog, 'the first line\r\n');
  const screens = new Set<Socket>();
  const screen = createServer((socket) => {
    screens.add(socket);
    socket.on('error', () => {}).on('close', () => screens.delete(socket));
    socket.on('data', () => {});
    socket.write(GREETING);
  });
  await new Promise<void>((resolve) => screen.listen(join(folders.run, guest.serverId, 'vnc.sock'), resolve));
  undo.push(() => screen.close());

  const certificates = await makeCertificates(join(folder, 'pki'));
  const agent = new Helper<Agent>(new URL('../console/agent.ts', import.meta.url));
  undo.push(() => agent.stop());
  const agentPort = await agent.ask('start', folders, certificates.host);
  await hostIsAt(database.db, `https://127.0.0.1:${agentPort}`, certificates.hostFingerprint);
  const port = await freePort();
  const env = {
    ...process.env,
    ...{ DATABASE_URL: database.urlAs('tsubo_proxy'), TSUBO_DATA: folders.data, TSUBO_PKI: certificates.folder },
    ...{ TSUBO_ORIGIN: ORIGIN, TSUBO_CONSOLE_PORT: String(port), TSUBO_LOG_LEVEL: 'error' },
  };
  const proxy = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let failures = 0;
  createInterface({ input: proxy.stdout }).on('line', (line) => {
    failures += 1;
    if (failures <= SHOWN_MAX) process.stdout.write(`${line}\n`);
  });
  const ended = new Promise<void>((resolve) => proxy.once('exit', () => resolve()));
  undo.push(async () => {
    proxy.kill('SIGTERM');
    await ended;
  });
  await listens(port);
  const pool = new Pool({ connectionString: database.url });
  undo.push(() => pool.end());

  return {
    port,
    serialLog,
    proxyPid: proxy.pid as number,
    pids: [proxy.pid as number, agent.pid],
    alive: () => proxy.exitCode === null && proxy.signalCode === null,
    /** One after the other of the staff; no one of them has more than may be open at once. */
    tickets: async (count: number, kind: Kind): Promise<string[]> => {
      if (count > STAFF * CONSOLES_PER_ACCOUNT) throw new Error('more than may be open at once');
      const tickets = Array.from({ length: count }, () => randomBytes(32).toString('base64url'));
      await pool.query(
        `INSERT INTO "Ticket" (hash, "sessionId", "serverId", kind, "viewOnly", "expiresAt")
         SELECT hash, session, $3, $4::"TicketKind", false, (clock_timestamp() AT TIME ZONE 'UTC') + interval '30 seconds'
         FROM unnest($1::text[], $2::text[]) AS t(hash, session)`,
        [tickets.map(ticketHash), tickets.map((_, n) => sessions[n % STAFF]), guest.serverId, kind],
      );
      return tickets;
    },
    open: async (): Promise<number> =>
      (await pool.query<{ n: number }>('SELECT count(*)::int AS n FROM "ConsoleSession"')).rows[0]?.n ?? 0,
    /** Lines of the proxy's log: it says nothing below an error. */
    failures: () => failures,
    /** The guest's ends of the screens, in the order in which they were opened. */
    screens: () => [...screens],
    end,
  };
}
