/** npm test, after scripts/setup: one line per part, out of the log of one that failed what says why, the sum. */
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type NONE, oneIf, sum } from './counts.ts';
import { excerpt } from './excerpt.ts';
import { PARTS } from './parts.ts';
import { runPart } from './run-part.ts';

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !PARTS.some((part) => part.name === name));
if (unknown.length > 0) {
  console.error(`No such part: ${unknown.join(', ')}. There are: ${PARTS.map((part) => part.name).join(', ')}`);
  process.exit(64);
}

// Whatever the parts and the programs that they start leave in the temporary folder goes with it.
const temporary = mkdtempSync('/tmp/tsubo-test-');
// Other users' as well: the database of the tests is not root's.
chmodSync(temporary, 0o1777);
process.env.TMPDIR = temporary;
process.on('exit', () => rmSync(temporary, { recursive: true, force: true }));

const results = new Map<string, typeof NONE>();
for (const part of PARTS) {
  if (wanted.length > 0 && !wanted.includes(part.name)) continue;
  if (process.exitCode === 130) break;
  if (part.needs && (results.get(part.needs)?.failed ?? 0) > 0) {
    results.set(part.name, oneIf(false));
    console.log(`FAILED ${part.name.padEnd(11)} not run: ${part.needs} failed`);
    continue;
  }
  const { counts, log, seconds } = await runPart(part);
  results.set(part.name, counts);
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
  const words = `${counts.passed} passed, ${counts.failed} failed${skipped}`;
  console.log(
    `${counts.failed === 0 ? 'ok    ' : 'FAILED'} ${part.name.padEnd(11)} ${words.padEnd(34)} ${seconds.toFixed(0)} s`,
  );
  if (counts.failed > 0) {
    console.log(`\n--- from ${log}\n${excerpt(readFileSync(log, 'utf8'))}\n---\n`);
  }
}

const total = sum([...results.values()]);
console.log(`${total.passed} passed, ${total.failed} failed`);
// Not process.exit: what was printed has to be out first.
if (process.exitCode === undefined) process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
