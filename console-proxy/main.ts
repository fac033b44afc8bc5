/**
 * The console-proxy: browsers' screens and serial ports, between the panel's front door and the hosts' agents. Any
 * number of them run. What is open ends with the process, and comes again by itself: a browser with a fresh ticket;
 * who came by the SSH door is told to come again.
 */
import { createLogger } from '../server/log.ts';
import { identityIn } from '../server/pki/identity-files.ts';
import { parseProxyConfig } from './config.ts';
import { createPool } from './database.ts';
import { startProxy } from './server.ts';
import { openSshDoor } from './ssh/open.ts';

/** The build puts its release in here; run from the sources there is none. */
const RELEASE = process.env.TSUBO_RELEASE ?? null;

async function main(): Promise<void> {
  const config = parseProxyConfig(process.env);
  const log = createLogger('console-proxy', config.logLevel);
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      log.fatal({ err: error }, `console-proxy: ${event}`);
      process.exit(1);
    });
  }
  const pool = createPool(config.databaseUrl, log);
  const identity = identityIn(config.pkiDir, 'console-proxy', log);
  const listen = { host: '127.0.0.1', port: config.port };
  const deps = { pool, identity, log, idleMs: config.idleMs };
  const proxy = await startProxy({ ...deps, origin: config.origin, listen, release: RELEASE });
  const door = config.ssh && (await openSshDoor({ ...deps, ...config.ssh }));
  log.info({ port: proxy.port, sshPort: door?.port }, 'console-proxy: ready');

  let ending = false;
  const end = async (why: string) => {
    if (ending) return;
    ending = true;
    log.info({ why }, 'console-proxy: ending');
    await Promise.all([proxy.close(), door?.close()]);
    await Promise.race([pool.end(), new Promise((resolve) => setTimeout(resolve, 500))]);
    process.exit(0);
  };
  process.on('SIGTERM', () => void end('SIGTERM'));
  process.on('SIGINT', () => void end('SIGINT'));
}

await main();
