/**
 * Builds what a release is made of into dist/<digest>/: app/, daemons/, prisma/, images/. An unchanged tree is not built
 * again, and a finished build never changes: other programs may copy it meanwhile. Prints the digest.
 * One build at a time: a second one waits, and then finds the work done.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildApp } from './build/app.ts';
import { buildDaemons } from './build/daemons.ts';
import { sourceDigest } from './build/sources.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const LOCK = 'TSUBO_BUILD_LOCKED';
const KEPT = 3;

if (!process.env[LOCK]) {
  mkdirSync(dist, { recursive: true });
  const self = [process.execPath, fileURLToPath(import.meta.url)];
  const locked = spawnSync('flock', [join(dist, '.lock'), ...self], {
    stdio: 'inherit',
    env: { ...process.env, [LOCK]: '1' },
  });
  process.exit(locked.status ?? 1);
}

const digest = sourceDigest(root);
const out = join(dist, digest);
try {
  if (existsSync(out)) {
    // The latest used are kept.
    utimesSync(out, new Date(), new Date());
    console.log(`${digest} unchanged`);
  } else {
    await build(`${out}.half`);
    renameSync(`${out}.half`, out);
    prune();
    console.log(`${digest} built`);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function build(to: string): Promise<void> {
  rmSync(to, { recursive: true, force: true });
  const made = spawnSync(process.execPath, [join(root, 'scripts/prisma-generate.ts')], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`${made.stdout}${made.stderr}`);
  await buildDaemons(root, join(to, 'daemons'), digest);
  buildApp(root, join(to, 'app'), digest);
  cpSync(join(root, 'prisma/migrations'), join(to, 'prisma/migrations'), { recursive: true });
  // Their builders: the images that take minutes are built by a process of the release.
  cpSync(join(root, 'scripts/images'), join(to, 'images'), { recursive: true });
}

function prune(): void {
  const old = readdirSync(dist)
    .filter((name) => name !== '.lock' && name !== digest)
    .map((name) => ({ path: join(dist, name), at: statSync(join(dist, name)).mtimeMs }))
    .sort((a, b) => b.at - a.at);
  for (const { path } of old.slice(KEPT - 1)) rmSync(path, { recursive: true, force: true });
}
