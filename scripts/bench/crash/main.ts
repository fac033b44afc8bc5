/**
 * npm run -s bench crash [-- --kills 30 --seed N --customers 2]
 *
 * kill -9 and freezes of every process of the one-machine service at step boundaries, inside steps and at random,
 * while customers create, stop, start, restart, force off and delete real guests. Then the checker reads libvirt,
 * the files, `ip`, nft, ebtables and dnsmasq's folder: nothing may be lost, doubled or left over. Before any kill the
 * checker must turn red against planted leaks, else its green means nothing.
 * Last line: {"bench":"crash","kills":…,"violations":…,…}
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { readStack } from '../../../e2e/stack.ts';
import { settledViolations, violationsNow } from '../../checker/check.ts';
import { plantedLeaks } from './leaks.ts';
import { liveUntil, type Tally } from './load.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '30' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    customers: { type: 'string', default: '2' },
  },
});
const stack = readStack();
const say = (line: string) => process.stdout.write(`${line}\n`);

const before = await settledViolations(stack, 30_000);
if (before.length > 0) throw new Error(`not clean before the first kill:\n${before.join('\n')}`);
const missed = await plantedLeaks(() => violationsNow(stack));
say(`planted leaks found: ${missed.length === 0 ? 'domain, disk, address' : `NOT ${missed.join(', ')}`}`);

say(`seed ${values.seed}, ${values.kills} kills, ${values.customers} customers`);
const kills: { where: string; target: string; how: string }[] = [];
let killing = true;
const killer = spawn(process.execPath, [`${import.meta.dirname}/killer.ts`, values.seed, values.kills], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
createInterface({ input: killer.stdout }).on('line', (line) => {
  say(line);
  kills.push(JSON.parse(line));
});
const killerEnded = new Promise<number | null>((resolve) =>
  killer.once('exit', (code) => {
    killing = false;
    resolve(code);
  }),
);

const KINDS = ['create', 'stop', 'start', 'restart', 'force_off', 'delete'];
const tally: Tally = { operations: 0, ends: {}, violations: [] };
const unseen = () => KINDS.filter((kind) => !tally.ends[`${kind}.succeeded`]);
let rounds = 0;
/** A short run may kill no more before a customer has got round to a stop: it then lives on, a few lives long. */
const over = () => !killing && (unseen().length === 0 || ++rounds > 6);
const customers = await Promise.allSettled(
  Array.from({ length: Number(values.customers) }, (_, n) => liveUntil(`crash${n + 1}`, n % 2 === 0, over, tally)),
);
// Without customers there is nothing to kill into.
if (customers.every((one) => one.status === 'rejected')) killer.kill();
const failures = customers.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []));
const killerCode = await killerEnded;

const found = [
  ...missed.map((leak) => `the checker did not see the planted ${leak}`),
  ...failures,
  ...tally.violations,
  ...(await settledViolations(stack, 60_000)),
];
if (killerCode !== 0) found.push(`the killer ended with ${killerCode}`);
const inside = kills.filter((kill) => kill.where === 'inside').length;
if (inside * 2 < kills.length) found.push(`only ${inside} of ${kills.length} kills fell inside a step`);
for (const kind of unseen()) found.push(`no ${kind} succeeded: the bench has not seen what it claims`);
for (const violation of found) say(`VIOLATION ${violation}`);
say(
  JSON.stringify({
    bench: 'crash',
    kills: kills.length,
    violations: found.length,
    inside_steps: inside,
    seed: Number(values.seed),
    operations: tally.operations,
    ends: tally.ends,
  }),
);
process.exitCode = found.length === 0 && kills.length >= Number(values.kills) ? 0 : 1;
