/** The programs beside Next: one file each, with everything inside that can be (stack of files = slow start). */
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

/** Name of the bundle → its entry. */
const PROGRAMS = {
  worker: 'server/worker.ts',
  admin: 'server/admin.ts',
  agent: 'compute-agent/main.ts',
  'console-proxy': 'console-proxy/main.ts',
  supervise: 'scripts/supervise.ts',
  renew: 'scripts/renew.ts',
  'prepare-images': 'scripts/prepare-images.ts',
};

/** Native addons and the like, which must stay files: copied beside the bundles with what they need. */
const BESIDE = ['@node-rs/argon2'];

/** Optional for those who ask for them, and not installed: asked for only inside `try`. */
const ABSENT = [
  'winston',
  'winston-transport',
  '@opentelemetry/*',
  '@dbos-inc/dbos-enterprise',
  'pg-native',
  'bufferutil',
  'utf-8-validate',
  'cpu-features',
];

// Packages in CommonJS ask for these three, which an ES module does not have.
const BANNER = `import { createRequire as tsuboCreateRequire } from 'node:module';
import { fileURLToPath as tsuboFileURLToPath } from 'node:url';
const require = tsuboCreateRequire(import.meta.url);
const __filename = tsuboFileURLToPath(import.meta.url);
const __dirname = tsuboFileURLToPath(new URL('.', import.meta.url));`;

/** @throws esbuild's error when an entry does not compile */
export async function buildDaemons(root: string, out: string, release: string): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: PROGRAMS,
    outdir: out,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    sourcemap: 'linked',
    // Node keeps the map in memory: file and line are enough, the sources are at hand.
    sourcesContent: false,
    legalComments: 'none',
    external: [...BESIDE, ...ABSENT],
    banner: { js: BANNER },
    define: { 'process.env.TSUBO_RELEASE': JSON.stringify(release) },
    logLevel: 'warning',
  });
  for (const name of withDependencies(root, BESIDE)) {
    const to = join(out, 'node_modules', name);
    mkdirSync(dirname(to), { recursive: true });
    cpSync(join(root, 'node_modules', name), to, { recursive: true });
  }
}

function withDependencies(root: string, names: string[], found = new Set<string>()): Set<string> {
  for (const name of names) {
    const manifest = join(root, 'node_modules', name, 'package.json');
    if (found.has(name) || !existsSync(manifest)) continue;
    found.add(name);
    const { dependencies = {}, optionalDependencies = {} } = JSON.parse(readFileSync(manifest, 'utf8'));
    withDependencies(root, [...Object.keys(dependencies), ...Object.keys(optionalDependencies)], found);
  }
  return found;
}
