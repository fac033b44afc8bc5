/**
 * npm run check: types, lint and format, dead code, architecture. Prints one line per part and what is wrong.
 *
 *   --lower   lowers the length allowances of files that shrank
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { lengths, lowerAllowances } from './check/length.ts';
import { arrows, bannedCalls, barrels, childProcess, cycles, prismaInServices } from './check/rules.ts';
import { readSources } from './check/source-files.ts';

const root = join(import.meta.dirname, '..');
const bin = (name: string) => join(root, 'node_modules/.bin', name);

if (process.argv.includes('--lower')) lowerAllowances(readSources(root));
prepare();
const results = await Promise.all([
  tool('types', bin('tsc'), ['--noEmit']),
  tool('lint', bin('biome'), ['check', '--error-on-warnings', '.']),
  tool('dead code', bin('knip'), ['--no-progress']),
  architecture(),
]);
for (const { name, ok, seconds } of results) {
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name.padEnd(14)} ${seconds.toFixed(1)} s`);
}
for (const { name, ok, output } of results) if (!ok) console.log(`\n== ${name}\n${output.trimEnd()}`);
process.exitCode = results.every((result) => result.ok) ? 0 : 1;

type Result = { name: string; ok: boolean; output: string; seconds: number };

/** Types need what is generated: the database client and Next's declarations. */
function prepare(): void {
  const needed = [
    ['server/generated/prisma/client.ts', [join(root, 'scripts/prisma-generate.ts')]],
    ['next-env.d.ts', [join(root, 'node_modules/next/dist/bin/next'), 'typegen']],
  ] as const;
  for (const [file, args] of needed) {
    if (existsSync(join(root, file))) continue;
    const made = spawnSync(process.execPath, [...args], { cwd: root, encoding: 'utf8' });
    if (made.status !== 0) console.error(`${made.stdout}${made.stderr}`);
  }
}

async function tool(name: string, command: string, args: string[]): Promise<Result> {
  const startedAt = performance.now();
  const child = spawn(command, args, { cwd: root, env: { ...process.env, NO_COLOR: '1' } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const [status] = await once(child, 'close');
  return { name, ok: status === 0, output, seconds: (performance.now() - startedAt) / 1000 };
}

async function architecture(): Promise<Result> {
  const startedAt = performance.now();
  const files = readSources(root);
  const rules = [arrows, cycles, bannedCalls, childProcess, prismaInServices, barrels, lengths];
  const violations = rules.flatMap((rule) => rule(files));
  const output = violations
    .map(({ path, line, rule, message }) => `${path}${line ? `:${line}` : ''}  [${rule}] ${message}`)
    .join('\n');
  return { name: 'architecture', ok: violations.length === 0, output, seconds: (performance.now() - startedAt) / 1000 };
}
