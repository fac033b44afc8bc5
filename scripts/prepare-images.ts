/**
 * Builds the images that take minutes, offers them, and ends: `node prepare-images.mjs FOLDER`, with the owner's
 * DATABASE_URL, as root. FOLDER holds their builders. A supervised process of the lowest priority: an installation is
 * of use before they are there. A build that fails is tried again, ever more rarely; why, staff see in the panel.
 */
import { setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { announceImage, publishImage } from '../server/catalog/publish-image.ts';
import { parseAdminConfig } from '../server/config.ts';
import { createDb } from '../server/db.ts';
import { createDeps } from '../server/deps.ts';
import { createLogger } from '../server/log.ts';
import { buildImage } from './install/background-image.ts';

const PAUSES_MS = [60_000, 300_000, 900_000, 3_600_000];

const folder = process.argv[2];
if (!folder?.startsWith('/')) {
  console.error('usage: prepare-images FOLDER (an absolute path)');
  process.exit(64);
}
// What it starts has it, too.
setPriority(19);
const { databaseUrl } = parseAdminConfig(process.env);
const log = createLogger('images', 'info');
const db = createDb(databaseUrl, { max: 1 });
const deps = createDeps(db, log);

// The builder is asked, too, and we wait for it: only it can take away the gigabyte that it has made so far.
const ending = new AbortController();
process.on('SIGTERM', () => {
  if (ending.signal.aborted) return;
  ending.abort();
  // The whole group, of which the supervisor made us the leader.
  process.kill(0, 'SIGTERM');
});

for (let attempt = 0; !(await offer()); attempt++) {
  if (ending.signal.aborted) {
    process.exitCode = 143;
    break;
  }
  const pauseMs = PAUSES_MS[Math.min(attempt, PAUSES_MS.length - 1)] as number;
  log.warn({ pauseMs }, 'images: tried again after a pause');
  await sleep(pauseMs, undefined, { signal: ending.signal }).catch(() => {});
}
await db.$disconnect();

/** @returns whether it is offered */
async function offer(): Promise<boolean> {
  try {
    await announceImage(deps, 'debian12', null);
    const built = await buildImage(`${folder}/debian12/build`);
    if (ending.signal.aborted) return false;
    if ('problem' in built) {
      log.error({ problem: built.problem }, 'images: Debian 12 could not be built');
      await announceImage(deps, 'debian12', built.problem);
      return false;
    }
    const isNew = await publishImage(deps, { family: 'debian12', ...built });
    log.info({ digest: built.digest, isNew }, 'images: Debian 12 is offered');
    return true;
  } catch (error) {
    // The database, most likely; the build itself is kept.
    log.error({ err: error }, 'images: Debian 12 could not be offered');
    return false;
  }
}
