/**
 * Builds @unraid/libvirt as its own build does (Node-API, -O3), without node-gyp, which would fetch Node's headers:
 * Node-API's are a package. libvirt's headers come from Debian's package, unpacked beside it and not installed.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PACKAGES = ['@unraid/libvirt@2.2.1', 'node-api-headers@1.9.0'];
/** It takes 10 s of a processor, and a download. */
const BUDGET_MS = 60_000;
const LIBRARY = '/usr/lib/x86_64-linux-gnu/libvirt.so.0';

/** Null: built. Otherwise why it was not. */
export async function buildAddon(folder: string): Promise<string | null> {
  const signal = AbortSignal.timeout(BUDGET_MS);
  const options = { cwd: folder, signal };
  try {
    const npm = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', folder, ...PACKAGES];
    const [headers] = await Promise.all([libvirtHeaders(options), run('npm', npm, options)]);
    const addon = join(folder, 'node_modules/@unraid/libvirt');
    const sources = readdirSync(join(addon, 'src')).filter((name) => name.endsWith('.cc'));
    mkdirSync(join(addon, 'build/Release'), { recursive: true });
    const includes = [
      addon,
      ...['node-addon-api', 'node-api-headers/include'].map((name) => join(folder, 'node_modules', name)),
      headers,
    ];
    const flags = ['-O3', '-fPIC', '-std=c++17', '-DNAPI_CPP_EXCEPTIONS', ...includes.map((path) => `-I${path}`)];
    const object = (name: string) => join(folder, `${name}.o`);
    await Promise.all(
      sources.map((name) => run('g++', ['-c', ...flags, join(addon, 'src', name), '-o', object(name)], options)),
    );
    const built = join(addon, 'build/Release/libvirt.node');
    await run('g++', ['-shared', '-o', built, ...sources.map(object), LIBRARY], options);
    return null;
  } catch (error) {
    if (signal.aborted) return `not built within ${BUDGET_MS / 1_000} s`;
    return (error as Error).message.trim().split('\n').slice(0, 3).join(' · ');
  }
}

async function libvirtHeaders(options: { cwd: string; signal: AbortSignal }): Promise<string> {
  if (existsSync('/usr/include/libvirt/libvirt.h')) return '/usr/include';
  await run('apt-get', ['download', '-q', 'libvirt-dev'], options);
  const file = readdirSync(options.cwd).find((name) => name.endsWith('.deb'));
  if (file === undefined) throw new Error('no libvirt-dev');
  await run('dpkg-deb', ['-x', file, 'dev'], options);
  return join(options.cwd, 'dev/usr/include');
}
