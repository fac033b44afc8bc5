/** Where everything is, in the clone and in TSUBO_DATA (docs/architecture.md). */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The clone: it only builds; nothing runs from it. */
export const CLONE = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export const DEFAULT_DATA = '/var/lib/tsubo';

export const installationFile = (data: string): string => join(data, 'etc/installation.json');

export type Layout = ReturnType<typeof layoutOf>;

/**
 * One build's programs. What is started names this folder, never the link `current`: a process that is started
 * again during an upgrade is still what it was.
 */
export type Release = { digest: string; folder: string; node: string; daemon: (name: string) => string };

export function layoutOf(data: string) {
  return {
    data,
    releases: join(data, 'releases'),
    current: join(data, 'current'),
    release: (digest: string): Release => {
      const folder = join(data, 'releases', digest);
      return {
        digest,
        folder,
        node: join(folder, 'node/bin/node'),
        daemon: (name) => join(folder, `daemons/${name}.mjs`),
      };
    },
    etc: join(data, 'etc'),
    env: (role: string) => join(data, `etc/${role}.env`),
    pki: join(data, 'pki'),
    console: join(data, 'console'),
    pg: join(data, 'pg'),
    run: join(data, 'run'),
    processes: join(data, 'run/processes.json'),
    log: join(data, 'log'),
    agent: join(data, 'agent'),
  };
}
