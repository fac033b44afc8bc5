/**
 * npm run -s bench fuzz [-- --cases 1000000 --seed 1 --record]
 *
 * Malformed frames, made of recorded ones of a real libvirtd and of noise, cut into chunks at any byte, go through the
 * frame reader, and what it lets through into the parsers: of every reply, of errors, of events, of streams. A crash is
 * any exception besides LibvirtProtocolError. The memory at the end is held against that after the first tenth.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { z } from 'zod';
import { seeded } from './mutations.ts';
import { readRecorded } from './recorded.ts';
import { createTargets } from './targets.ts';

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '1000000' },
    seed: { type: 'string' },
    record: { type: 'boolean', default: false },
  },
});

if (values.record) {
  const run = join(import.meta.dirname, '../../stack/run');
  const command = ['--only', 'libvirt', '--', process.execPath, join(import.meta.dirname, 'record.ts')];
  process.exit(spawnSync(run, command, { stdio: 'inherit' }).status ?? 1);
}

/** What is held after a collection, which is what a leak would raise; and what the process has, with its young space. */
const HEAP_GROWTH_MAX = 1024 * 1024;
const RSS_GROWTH_MAX = 96 * 1024 * 1024;
/** A case takes microseconds; this is a pause of the collector, and far from what quadratic work would cost. */
const SLOWEST_MS_MAX = 1_000;
const SHOWN_MAX = 5;

const cases = z.coerce.number().int().min(100).parse(values.cases);
const seed = z.coerce
  .number()
  .int()
  .min(0)
  .parse(values.seed ?? crypto.getRandomValues(new Uint32Array(1))[0]);
process.stdout.write(`seed ${seed}\n`);

const frames = [...readRecorded().values()];
const random = seeded(seed);
const { attempt, counts } = createTargets(frames, random);

let crashes = 0;
let slowestMs = 0;
let warm = memory();
const began = performance.now();
for (let n = 0; n < cases; n++) {
  const started = performance.now();
  const crash = attempt();
  slowestMs = Math.max(slowestMs, performance.now() - started);
  if (crash) {
    crashes += 1;
    if (crashes <= SHOWN_MAX) {
      process.stdout.write(`case ${n} of seed ${seed}: ${crash.error}\n${crash.bytes.toString('hex')}\n`);
    }
  }
  if (n === Math.floor(cases / 10)) warm = memory();
  // Long loops give the collector of buffers no turn.
  if (n % 4_096 === 0) await new Promise(setImmediate);
}
const end = memory();
const [heapGrown, rssGrown] = [end.heap - warm.heap, end.rss - warm.rss];
const flat = heapGrown <= HEAP_GROWTH_MAX && rssGrown <= RSS_GROWTH_MAX;
const ok = crashes === 0 && flat && slowestMs <= SLOWEST_MS_MAX;
process.stdout.write(
  `${JSON.stringify({
    bench: 'fuzz',
    cases,
    crashes,
    seed,
    seconds: Number(((performance.now() - began) / 1_000).toFixed(1)),
    recorded_frames: frames.length,
    ...counts,
    slowest_ms: Number(slowestMs.toFixed(1)),
    heap_grown_kib: Math.round(heapGrown / 1024),
    rss_grown_kib: Math.round(rssGrown / 1024),
    memory_flat: flat,
  })}\n`,
);
process.exitCode = ok ? 0 : 1;

/** Bytes, after a collection. */
function memory(): { heap: number; rss: number } {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  return { heap: heapUsed + arrayBuffers, rss };
}
