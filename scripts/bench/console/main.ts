/**
 * npm run -s bench console [-- --rounds 3 --seconds 3 --prof FOLDER]
 *
 * What the whole path of a screen costs: WebSocket → console-proxy → mutual TLS → agent → unix socket, both of them
 * real processes, against a pair of nginx (stream, mutual TLS between) and against Debian's websockify (one hop, no
 * TLS). MiB that reached the viewers per second of processor of all processes of a side, by the kernel's count; the
 * source and the viewers are processes of their own, and not counted. Every byte that the source said must arrive.
 *
 * `ratio`: ours ÷ nginx, of the four loads the least. Ratios are medians of rounds in which the sides take turns.
 * Round trips: a key and its echo with 200 consoles open and a trickle, less the same without anything between.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { createTestDatabase } from '../../../server/testing/database.ts';
import { startPostgres } from '../../../server/testing/postgres.ts';
import { makeCertificates } from './certificates.ts';
import { Helper } from './helper.ts';
import { startNginxPair } from './nginx-pair.ts';
import { startOurs } from './ours.ts';
import { unpackPeers } from './packages.ts';
import { createGuests } from './people.ts';
import { idleKib, MANY, measureLoads, measureTrips } from './rounds.ts';
import type { Source } from './source.ts';
import type { Viewers } from './viewers.ts';
import { startWebsockify } from './websockify.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string' }, seconds: { type: 'string' }, prof: { type: 'string' } },
});
const { rounds, seconds, prof } = z
  .object({
    rounds: z.coerce.number().int().min(1).default(3),
    seconds: z.coerce.number().positive().default(3),
    /** Where both of our processes leave a profile. */
    prof: z.string().optional(),
  })
  .parse(values);

const folder = mkdtempSync(join(tmpdir(), 'tsubo-bench-console.'));
const undo: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
try {
  await measure();
} finally {
  for (const each of undo.reverse()) await each();
}

async function measure(): Promise<void> {
  const peers = await unpackPeers(join(folder, 'packages'));
  const postgres = await startPostgres();
  undo.push(() => postgres.stop());
  process.env.TEST_DATABASE_URL = postgres.url;
  const database = await createTestDatabase();
  undo.push(() => database.drop());
  const guests = await createGuests(database.db, MANY);
  const certificates = await makeCertificates(join(folder, 'pki'));
  const folders = { data: join(folder, 'data'), run: join(folder, 'run') };
  for (const { serverId } of guests) mkdirSync(join(folders.run, serverId), { recursive: true });

  const source = new Helper<Source>(new URL('source.ts', import.meta.url));
  const viewers = new Helper<Viewers>(new URL('viewers.ts', import.meta.url));
  undo.push(
    () => source.stop(),
    () => viewers.stop(),
  );
  const target = join(folder, 'screen.sock');
  await source.ask('listen', [target, ...guests.map(({ serverId }) => join(folders.run, serverId, 'vnc.sock'))]);
  const world = { source, viewers, seconds };

  const execArgv = prof ? ['--cpu-prof', `--cpu-prof-dir=${prof}`] : [];
  const ours = await startOurs({ folders, certificates, database, guests, execArgv });
  undo.push(() => ours.stop());
  // Before anything has passed that would leave buffers behind.
  const idle = await idleKib(world, ours);
  const nginx = await startNginxPair({ folder, module: peers.nginxStreamModule, certificates, target });
  undo.push(() => nginx.stop());
  const websockify = await startWebsockify(peers.websockify, target);
  undo.push(() => websockify.stop());

  const trips = await measureTrips(world, { ours, nginx, target }, rounds);
  const loads = await measureLoads(world, { ours, nginx, websockify }, rounds);
  const result = {
    bench: 'console',
    peer: nginx.name,
    ...loads,
    ...trips,
    rss_kib_per_idle: idle,
    ...{ rounds, seconds },
    higher_is_better: true,
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
