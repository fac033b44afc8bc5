/** Next's standalone server, with the files that it does not copy itself. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';

/** @throws Error with Next's output */
export function buildApp(root: string, out: string, release: string): void {
  const built = spawnSync(process.execPath, [join(root, 'node_modules/next/dist/bin/next'), 'build'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', TSUBO_RELEASE: release },
  });
  if (built.status !== 0) throw new Error(`next build failed:\n${built.stdout}${built.stderr}`);
  const standalone = join(root, '.next/standalone');
  if (!existsSync(join(standalone, 'server.js'))) {
    throw new Error('next build made no .next/standalone/server.js: is another lockfile above the project?');
  }
  // Links inside stay relative, so that the release can be moved.
  cpSync(standalone, out, { recursive: true, verbatimSymlinks: true });
  cpSync(join(root, '.next/static'), join(out, '.next/static'), { recursive: true });
  if (existsSync(join(root, 'public'))) cpSync(join(root, 'public'), join(out, 'public'), { recursive: true });
}
