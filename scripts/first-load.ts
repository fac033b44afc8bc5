/**
 * Prints what each page of the last build loads before it can be used; fails when one grew or is above the goal.
 *
 *   npm run first-load [-- --record]
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { firstLoad } from './build/first-load.ts';
import { sourceDigest } from './build/sources.ts';
import { ADDED_KIB, judgeFirstLoad } from './check/first-load.ts';

const root = join(import.meta.dirname, '..');
const recorded = join(import.meta.dirname, 'check/first-load.json');
const now = firstLoad(join(root, 'dist', sourceDigest(root), 'app'));

if (process.argv.includes('--record')) writeFileSync(recorded, `${JSON.stringify(now, null, 2)}\n`);
const judged = judgeFirstLoad(now, JSON.parse(readFileSync(recorded, 'utf8')));
console.log('KiB of scripts, compressed; of them above an empty page');
for (const { page, kib, addedKib, fault } of judged)
  console.log(
    `${kib.toFixed(1).padStart(7)}  ${addedKib.toFixed(1).padStart(6)}  /${page}${fault ? `  FAILED: ${fault}` : ''}`,
  );
const most = Math.max(...judged.map(({ addedKib }) => addedKib));
console.log(`at most ${most} KiB above an empty page; the goal is ${ADDED_KIB}`);
process.exitCode = judged.some(({ fault }) => fault) ? 1 : 0;
