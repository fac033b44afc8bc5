/** Where everything is, in the clone and in TSUBO_DATA (docs/architecture.md). */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The clone: it only builds; nothing runs from it. */
export const CLONE = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export const DEFAULT_DATA = '/var/lib/tsubo';

export const installationFile = (data: string): string => join(data, 'etc/installation.json');

export type Layout = ReturnType<typeof layoutOf>;

export function layoutOf(data: string) {
  return {
    data,
    releases: join(data, 'releases'),
    current: join(data, 'current'),
    node: join(data, 'current/node/bin/node'),
    daemon: (name: string) => join(data, `current/daemons/${name}.mjs`),
    etc: join(data, 'etc'),
    env: (role: string) => join(data, `etc/${role}.env`),
    pki: join(data, 'pki'),
    pg: join(data, 'pg'),
    run: join(data, 'run'),
    processes: join(data, 'run/processes.json'),
    log: join(data, 'log'),
    agent: join(data, 'agent'),
  };
}
