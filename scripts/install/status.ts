/** quickstart status: what runs, of which release, and when each host was last heard, in plain words. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { Client } from 'pg';
import { isAlive } from '../supervise/groups.ts';
import { foreignLeader, readPidFile } from '../supervise/pid-file.ts';
import { type ProcessSpec, readTable } from '../supervise/table.ts';
import { readIfThere } from './files.ts';
import { askHealth } from './health.ts';
import type { Layout } from './layout.ts';
import { healthUrls } from './processes.ts';
import { currentDigest } from './release.ts';
import { originOf, type Settings } from './settings.ts';
import { runningSupervisor } from './supervision.ts';

const CONNECT_MS = 3_000;
/** As the panel counts it (server/servers/state.ts). */
const SILENT_AFTER_S = 60;

export type Status = { lines: string[]; running: boolean /** All that should run does, and says so. */; well: boolean };

export async function describeInstallation(layout: Layout, settings: Settings): Promise<Status> {
  const running = runningSupervisor(layout) !== undefined;
  const release = currentDigest(layout) ?? 'none';
  const lines = [
    `${running ? 'running' : 'stopped'}  ${originOf(settings)}  ${layout.data}`,
    row('release', running ? release : `${release} (ran last)`),
  ];
  if (!running) return { lines, running, well: false };
  const table = existsSync(layout.processes) ? readTable(layout.processes).processes : [];
  const urls = healthUrls(settings);
  const said = await Promise.all(table.map((spec) => describeProcess(layout, spec, urls[spec.name], release)));
  const hosts = await describeHosts(layout);
  return {
    lines: [...lines, ...table.map(({ name }, index) => row(name, said[index]!.words)), ...hosts],
    running,
    well: said.every(({ ok }) => ok),
  };
}

const row = (name: string, words: string): string => `  ${name.padEnd(10)} ${words}`;

async function describeProcess(
  layout: Layout,
  spec: ProcessSpec,
  url: string | undefined,
  release: string,
): Promise<{ ok: boolean; words: string }> {
  const own = readPidFile(join(layout.run, `${spec.name}.pid`));
  if (!own || !isAlive(own)) {
    if (spec.once) return { ok: true, words: `is done, or will be tried again (log/${spec.name}.log)` };
    const foreign = spec.sharedPidFile && foreignLeader(spec.sharedPidFile, spec.command.split('/').pop()!);
    if (foreign) return { ok: true, words: `runs, started by somebody else (pid ${foreign.pid})` };
    return { ok: false, words: `does not run; the supervisor tries again (log/${spec.name}.log)` };
  }
  if (!url) return { ok: true, words: `runs (pid ${own.pid})` };
  const health = await askHealth(url);
  if (!health.ok) return { ok: false, words: `runs (pid ${own.pid}), and is not well: ${health.words}` };
  const other = health.release === release ? '' : `, but of release ${health.release ?? 'unknown'}`;
  return { ok: other === '', words: `well (pid ${own.pid})${other}` };
}

type Host = { name: string; ago: number | null; lastError: string | null; acceptsNew: boolean; revoked: boolean };

async function describeHosts(layout: Layout): Promise<string[]> {
  const url = parseEnv(readIfThere(layout.env('admin')) ?? '').DATABASE_URL;
  const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_MS });
  try {
    await client.connect();
    const { rows } = await client.query<Host>(
      `SELECT name, extract(epoch FROM now() - ("lastContactAt" AT TIME ZONE 'UTC'))::float8 AS ago, "lastError", "acceptsNew",
         "revokedAt" IS NOT NULL AS revoked
       FROM "Host" WHERE "joinedAt" IS NOT NULL ORDER BY name`,
    );
    return rows.map((host) => row('host', describeHost(host)));
  } catch (error) {
    return [row('hosts', `unknown: the database does not answer (${error instanceof Error ? error.message : error})`)];
  } finally {
    await client.end().catch(() => {});
  }
}

export function describeHost({ name, ago, lastError, acceptsNew, revoked }: Host): string {
  if (revoked) return `${name}: revoked; it joins again with a new token (docs/operating.md)`;
  const heard =
    ago === null
      ? 'never heard of yet'
      : ago > SILENT_AFTER_S
        ? `silent for ${spell(ago)}`
        : `last heard ${spell(Math.max(0, ago))} ago`;
  return [`${name}: ${heard}`, ...(acceptsNew ? [] : ['takes no new servers']), ...(lastError ? [lastError] : [])].join(
    '; ',
  );
}

function spell(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} days`;
}
