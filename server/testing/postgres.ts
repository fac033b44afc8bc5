/**
 * A throw-away PostgreSQL for tests: in a temporary folder, on a free loopback port, without fsync, under a
 * user that is not root, and ended by the kernel when the process that started it dies.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

export type TestPostgres = { /** Superuser, database `postgres`. */ url: string; stop: () => Promise<void> };

/** @throws when PostgreSQL is not installed or does not answer within 20 s; the message holds its log. */
export async function startPostgres(): Promise<TestPostgres> {
  const bin = binFolder();
  sweep();
  const folder = mkdtempSync(join(tmpdir(), PREFIX));
  const user = runAs(folder);
  execFileSync(
    'setpriv',
    [
      ...user,
      join(bin, 'initdb'),
      '-D',
      join(folder, 'data'),
      '-U',
      'postgres',
      '-A',
      'trust',
      '-N',
      '--locale=C.UTF-8',
    ],
    { cwd: folder, stdio: 'pipe' },
  );
  const port = await freePort();
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: folder,
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    max_connections: '300',
    shared_buffers: '128MB',
    autovacuum_naptime: '10s',
    timezone: 'UTC',
  };
  const options = Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
  // SIGINT is PostgreSQL's "fast" shutdown: what it gets when this process dies without saying goodbye.
  const server = spawn(
    'setpriv',
    [...user, '--pdeathsig', 'INT', join(bin, 'postgres'), '-D', join(folder, 'data'), ...options],
    { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  server.stderr?.on('data', (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-8000);
  });
  const url = `postgresql://postgres@127.0.0.1:${port}/postgres`;
  // Interrupted: nothing asynchronous happens any more. It still writes while it ends, so wait a moment.
  const abandon = () => {
    server.kill('SIGQUIT');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', abandon);
  const stop = async () => {
    process.off('exit', abandon);
    await end(server);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await answers(url, server);
  } catch (cause) {
    await stop();
    throw new Error(`PostgreSQL for the tests did not start:\n${log}`, { cause });
  }
  return { url, stop };
}

const PREFIX = 'tsubo-test-pg-';
/** Longer than any run. */
const STALE_MS = 3 * 60 * 60 * 1000;

/**
 * Takes away the folders of runs that were killed. By age and not by process id: another run may live in
 * process and network namespaces of its own, where it cannot be seen from here.
 */
function sweep(): void {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue;
    const folder = join(tmpdir(), name);
    const changed = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - changed > STALE_MS) rmSync(folder, { recursive: true, force: true });
  }
}

/** Debian keeps the server's programs out of PATH, one folder per major version. */
function binFolder(): string {
  const versions = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql') : [];
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0];
  if (!newest) throw new Error('PostgreSQL is not installed: apt-get install postgresql');
  return `/usr/lib/postgresql/${newest}/bin`;
}

/** PostgreSQL refuses to run as root. */
function runAs(folder: string): string[] {
  if (process.getuid?.() !== 0) return [];
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  const [uid, gid] = [id('-u'), id('-g')];
  chownSync(folder, uid, gid);
  return ['--reuid', String(uid), '--regid', String(gid), '--clear-groups'];
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

async function answers(url: string, server: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (server.exitCode !== null) throw new Error(`it ended with status ${server.exitCode}`);
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      return;
    } catch {
      await sleep(100);
    } finally {
      await client.end().catch(() => {});
    }
  }
  throw new Error('no answer within 20 s');
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, 'exit');
  server.kill('SIGINT');
  const timer = setTimeout(() => server.kill('SIGQUIT'), 10_000);
  await ended;
  clearTimeout(timer);
}
