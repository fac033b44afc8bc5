/**
 * Builds what a release is made of into dist/: app/, daemons/, prisma/. An unchanged tree is not built again.
 * One build at a time: a second one waits, and then finds the work done.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildApp } from './build/app.ts';
import { buildDaemons } from './build/daemons.ts';
import { sourceDigest } from './build/sources.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const LOCK = 'TSUBO_BUILD_LOCKED';

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
const mark = join(dist, 'digest');
if (existsSync(mark) && readFileSync(mark, 'utf8').trim() === digest) {
  console.log(`${digest} unchanged`);
} else {
  rmSync(mark, { force: true });
  for (const part of ['app', 'daemons', 'prisma']) rmSync(join(dist, part), { recursive: true, force: true });
  try {
    generate();
    await buildDaemons(root, join(dist, 'daemons'), digest);
    buildApp(root, join(dist, 'app'));
    cpSync(join(root, 'prisma/migrations'), join(dist, 'prisma/migrations'), { recursive: true });
    // Last: it says that the rest is there.
    writeFileSync(mark, `${digest}\n`);
    console.log(`${digest} built`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

function generate(): void {
  const made = spawnSync(process.execPath, [join(root, 'scripts/prisma-generate.ts')], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`${made.stdout}${made.stderr}`);
}
