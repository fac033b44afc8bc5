/** The parts of `npm test`, in order: cheap ones first. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Counts, fromPlaywright, fromVitest } from './counts.ts';

export const ROOT = join(import.meta.dirname, '../..');

export type Run = {
  command: string[];
  /** What the command left to be counted; without it the command is one test: passed when it ends with 0. */
  count?: { file: string; read: (json: unknown) => Counts };
};

export type Part = {
  name: string;
  /** Does not begin when this part failed: it could only fail for the same reason. */
  needs?: string;
  limitMs: number;
  runs: () => Run[];
};

const MINUTE = 60_000;
const result = (name: string): string => join(ROOT, 'test-results', `${name}.json`);

function vitest(project: string, name: string, before: string[], filter: string[]): Run {
  const file = result(name);
  const command = [...before, 'node_modules/.bin/vitest', 'run', '--project', project];
  return {
    command: [...command, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`, ...filter],
    count: { file, read: fromVitest },
  };
}

/** A part of its own: it needs what is built. */
const QUICKSTART = 'scripts/quickstart.libvirt.test.ts';

/** Each file in namespaces of its own: each starts (and kills) its own libvirtd. */
function hypervisorRuns(): Run[] {
  return readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
    .filter((path) => /^(compute-agent|server|scripts)\/.*\.libvirt\.test\.ts$/.test(path) && path !== QUICKSTART)
    .sort()
    .map((path) => vitest('hypervisor', `hypervisor-${path.replaceAll('/', '-')}`, ['scripts/stack/isolate'], [path]));
}

export const PARTS: Part[] = [
  { name: 'check', limitMs: 5 * MINUTE, runs: () => [{ command: ['scripts/node', 'scripts/check.ts'] }] },
  { name: 'unit', limitMs: 20 * MINUTE, runs: () => [vitest('unit', 'unit', [], [])] },
  {
    name: 'images',
    limitMs: 15 * MINUTE,
    runs: () => ['small', 'probe', 'debian12'].map((name) => ({ command: [`scripts/images/${name}/build`] })),
  },
  {
    name: 'build',
    limitMs: 10 * MINUTE,
    runs: () => [
      { command: ['scripts/node', 'scripts/build.ts'] },
      { command: ['scripts/node', 'scripts/first-load.ts'] },
    ],
  },
  {
    name: 'quickstart',
    needs: 'build',
    limitMs: 10 * MINUTE,
    runs: () => [vitest('quickstart', 'quickstart', ['scripts/stack/isolate'], [])],
  },
  { name: 'hypervisor', needs: 'images', limitMs: 10 * MINUTE, runs: hypervisorRuns },
  {
    name: 'e2e',
    needs: 'build',
    limitMs: 40 * MINUTE,
    runs: () => [
      {
        command: ['scripts/stack/run', '--', 'node_modules/.bin/playwright', 'test'],
        count: { file: result('e2e'), read: fromPlaywright },
      },
    ],
  },
  {
    name: 'crash',
    needs: 'build',
    limitMs: 15 * MINUTE,
    runs: () => [{ command: ['scripts/node', 'scripts/bench/run.ts', 'crash', '--kills', '5'] }],
  },
];
