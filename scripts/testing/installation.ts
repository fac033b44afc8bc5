/**
 * For the test of scripts/quickstart: calls it as a person does, and looks from outside at what it made and started.
 * Inside scripts/stack/isolate only: /proc then shows nothing but what runs there.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { bareEnvironment } from '../install/environment.ts';
import { CLONE, type Layout } from '../install/layout.ts';
import { postgresBin } from '../install/postgres.ts';
import { leaderOf } from '../supervise/groups.ts';

const QUICKSTART = join(CLONE, 'scripts/quickstart');

/** Whether the images that take minutes are built in the background. */
type Images = 'all' | 'none';

/** As a person's shell has it: nothing of the test runner's and of the isolation's own. */
function environment(data: string, images: Images): NodeJS.ProcessEnv {
  const { PATH, HOME = '/root', TMPDIR, TSUBO_CACHE } = process.env;
  const given = {
    PATH,
    HOME,
    TMPDIR,
    TSUBO_CACHE,
    TSUBO_DATA: data,
    TERM: 'dumb',
    LANG: 'C.UTF-8',
    TSUBO_BUILD_IMAGES: images,
  };
  return bareEnvironment(given);
}

export type Ended = {
  status: number | null;
  /** Both streams, in the order in which they came. */
  said: string;
  ms: number;
};

class Run {
  readonly child: ChildProcess;
  /** Ended, and nobody holds its output any more: nothing that it started does. */
  readonly #closed: Promise<unknown>;
  readonly #startedAt = performance.now();
  #said = '';

  constructor(program: string, args: string[], data: string, images: Images = 'none') {
    this.child = spawn(program, args, { cwd: '/', env: environment(data, images), stdio: ['pipe', 'pipe', 'pipe'] });
    this.#closed = once(this.child, 'close');
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (this.#said += text));
  }

  /** Waits for these words. @throws Error with what it said instead */
  async says(words: string, limitMs: number): Promise<void> {
    const enough = deadline(limitMs);
    while (!this.#said.includes(words)) {
      if (this.child.exitCode !== null || enough.aborted) throw new Error(`no "${words}" in: ${this.#said}`);
      await Promise.race([once(this.child.stdout!, 'data'), this.#closed, aborted(enough)]);
    }
  }

  async ends(limitMs: number): Promise<Ended> {
    const enough = deadline(limitMs);
    await Promise.race([this.#closed, aborted(enough)]);
    if (enough.aborted) {
      this.child.kill('SIGKILL');
      throw new Error(`not ended after ${limitMs} ms: ${this.#said}`);
    }
    return { status: this.child.exitCode, said: this.#said, ms: performance.now() - this.#startedAt };
  }
}

const deadline = (ms: number): AbortSignal => AbortSignal.timeout(Math.round(ms));
const aborted = (signal: AbortSignal): Promise<unknown> => (signal.aborted ? Promise.resolve() : once(signal, 'abort'));

/** Without a terminal. */
export function quickstart(data: string, args: string[], limitMs: number, images?: Images): Promise<Ended> {
  return new Run(QUICKSTART, args, data, images).ends(limitMs);
}

/** On a terminal of its own, which a byte 3 interrupts as Ctrl-C does. */
export function quickstartOnTerminal(data: string) {
  const run = new Run('/usr/bin/script', ['--quiet', '--return', '--command', `exec ${QUICKSTART}`, '/dev/null'], data);
  return { run, pressCtrlC: () => void run.child.stdin?.write('\x03') };
}

/** One life of a process: the same number may come again. */
export type Life = { pid: number; startTime: string; command: string };

/** All that lives here, but what has ended by the time it is looked at. */
export function lives(): Life[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const leader = leaderOf(Number(name));
      const command = commandOf(Number(name));
      return leader && command !== undefined ? [{ pid: leader.pid, startTime: leader.startTime, command }] : [];
    });
}

function commandOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** Those of `now` that were not there `before`. */
export function since(before: Life[], now = lives()): Life[] {
  const known = new Set(before.map(({ pid, startTime }) => `${pid} ${startTime}`));
  return now.filter(({ pid, startTime }) => !known.has(`${pid} ${startTime}`));
}

/** The QEMU of a server, by its own command line: nobody's word for it. */
export function qemuOf(serverId: string): Life | undefined {
  return lives().find(
    ({ pid, command }) =>
      command.startsWith('qemu-system') && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`guest=${serverId}`),
  );
}

/**
 * Everything that a second run must leave alone: files (with inode, time, owner, mode and content), who runs, the
 * release, the cluster, and what the rows say.
 */
export async function made(layout: Layout, ownerUrl: string): Promise<Record<string, string>> {
  const paths = [
    ...['etc', 'pki'].flatMap((folder) => walk(join(layout.data, folder))),
    ...['agent.crt', 'agent.key', 'ca.crt', 'host.json'].map((name) => join(layout.agent, name)),
    ...readdirSync(layout.releases).map((name) => join(layout.releases, name)),
    layout.processes,
    ...readdirSync(layout.run)
      .filter((name) => name.endsWith('.pid'))
      .map((name) => join(layout.run, name)),
  ];
  return {
    ...Object.fromEntries(paths.map((path) => [path, look(path)])),
    current: readlinkSync(layout.current),
    cluster: systemIdentifier(layout.pg),
    ...(await rows(ownerUrl)),
  };
}

const walk = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));

function look(path: string): string {
  const { ino, mtimeMs, uid, gid, mode } = lstatSync(path);
  const content = lstatSync(path).isFile() ? createHash('sha256').update(readFileSync(path)).digest('hex') : '';
  return `${ino} ${mtimeMs} ${uid}:${gid} ${mode.toString(8)} ${content}`;
}

function systemIdentifier(pg: string): string {
  const said = execFileSync(join(postgresBin(), 'pg_controldata'), [pg], {
    encoding: 'utf8',
    env: bareEnvironment({ LC_ALL: 'C' }),
  });
  return /^Database system identifier:\s+(\d+)$/m.exec(said)?.[1] ?? said;
}

/** Passwords are among them, as digests: the whole rows are digested. */
async function rows(ownerUrl: string): Promise<Record<string, string>> {
  const whole = ['User', 'Credential', 'Zone', 'Pool', 'Address', 'Image', 'Plan', 'PlanPrice', 'TaxRate', 'Server'];
  const host = `SELECT id, name, "agentUrl", "certFingerprint", "joinedAt" FROM "Host"`;
  const queries = [...whole.map((table) => [table, `SELECT * FROM "${table}"`]), ['Host', host]] as const;
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    const found: Record<string, string> = {};
    for (const [name, query] of queries) {
      const answer = await client.query(
        `SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, E'\\n' ORDER BY t::text)), '') AS digest FROM (${query}) t`,
      );
      found[`rows of ${name}`] = answer.rows[0].digest;
    }
    return found;
  } finally {
    await client.end();
  }
}
