/** The peers as Debian packs them, unpacked into a folder and not installed: nothing of the machine changes. */
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** nginx itself is the product's front door; websockify unmasks by numpy, which needs the rest. */
const PACKAGES = [
  'libnginx-mod-stream',
  ...['python3-websockify', 'python3-numpy', 'libblas3', 'liblapack3', 'libgfortran5', 'libquadmath0'],
];

export type Peers = { nginxStreamModule: string; websockify: { env: NodeJS.ProcessEnv } };

const download = (cwd: string) => run('apt-get', ['download', '-q', ...PACKAGES], { cwd });

/** @throws when they cannot be had: without peers there is nothing to be held against */
export async function unpackPeers(folder: string): Promise<Peers> {
  const root = join(folder, 'root');
  mkdirSync(root, { recursive: true });
  // A machine that has not looked for a while asks for versions that are there no more.
  await download(folder).catch(() => run('apt-get', ['update', '-q']).then(() => download(folder)));
  const files = readdirSync(folder).filter((name) => name.endsWith('.deb'));
  for (const file of files) await run('dpkg-deb', ['-x', file, root], { cwd: folder });
  const libraries = join(root, 'usr/lib/x86_64-linux-gnu');
  const env = {
    ...process.env,
    PYTHONPATH: join(root, 'usr/lib/python3/dist-packages'),
    LD_LIBRARY_PATH: [libraries, join(libraries, 'blas'), join(libraries, 'lapack')].join(':'),
  };
  await run('python3', ['-c', 'import numpy, websockify'], { env, cwd: folder });
  return {
    nginxStreamModule: join(root, 'usr/lib/nginx/modules/ngx_stream_module.so'),
    websockify: { env },
  };
}
