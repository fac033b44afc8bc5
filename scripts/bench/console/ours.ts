/** The real console-proxy before the agent's consoles, with real tickets of people's sessions in a database. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Pool } from 'pg';
import { CONSOLE_PATH, PROTOCOL } from '../../../console-proxy/contract/socket.ts';
import { issueTicket } from '../../../console-proxy/testing.ts';
import type { TestDatabase } from '../../../server/testing/database.ts';
import type { Agent } from './agent.ts';
import type { Certificates } from './certificates.ts';
import { Helper } from './helper.ts';
import { CONSOLES_EACH, type Guest, hostIsAt } from './people.ts';
import { freePort, listens } from './ports.ts';
import type { Side } from './side.ts';

const ORIGIN = 'http://localhost:8080';
const MAIN = fileURLToPath(new URL('../../../console-proxy/main.ts', import.meta.url));
const LEAVE_MS = 20_000;

export type OursOptions = {
  folders: { data: string; run: string };
  certificates: Certificates;
  database: TestDatabase;
  guests: Guest[];
  /** Node's own, for both processes: --cpu-prof … */
  execArgv: string[];
};

export async function startOurs(options: OursOptions): Promise<Side> {
  const { folders, certificates, database, guests, execArgv } = options;
  const agent = new Helper<Agent>(new URL('agent.ts', import.meta.url), execArgv);
  const agentPort = await agent.ask('start', folders, certificates.host);
  await hostIsAt(database.db, `https://127.0.0.1:${agentPort}`, certificates.hostFingerprint);
  const port = await freePort();
  const env = {
    ...process.env,
    ...{ DATABASE_URL: database.urlAs('tsubo_proxy'), TSUBO_DATA: folders.data },
    ...{ TSUBO_ORIGIN: ORIGIN, TSUBO_CONSOLE_PORT: String(port), TSUBO_PKI: certificates.folder },
    TSUBO_LOG_LEVEL: 'error',
  };
  const proxy: ChildProcess = spawn(process.execPath, [...execArgv, MAIN], { env, stdio: 'inherit' });
  await listens(port);
  const pool = new Pool({ connectionString: database.url });
  const open = async () =>
    (await pool.query<{ n: number }>('SELECT count(*)::int AS n FROM "ConsoleSession"')).rows[0]?.n;
  return {
    name: 'tsubo',
    pids: [proxy.pid as number, agent.pid],
    way: async (viewers) => {
      const tickets = await Promise.all(
        Array.from({ length: viewers }, (_, n) => {
          const { sessionId, serverId } = guests[Math.floor(n / CONSOLES_EACH)] as Guest;
          return issueTicket(pool, { sessionId, serverId, kind: 'vnc', viewOnly: false }, new Date());
        }),
      );
      return { is: 'websocket', target: port, path: CONSOLE_PATH, origin: ORIGIN, protocol: PROTOCOL, tickets };
    },
    left: async () => {
      for (const until = Date.now() + LEAVE_MS; (await open()) !== 0; await sleep(50))
        if (Date.now() > until) throw new Error('consoles whose viewers have gone stay open');
    },
    stop: async () => {
      const ended = once(proxy, 'exit');
      proxy.kill('SIGTERM');
      await Promise.all([ended, agent.stop(), pool.end()]);
    },
  };
}
