/** The world of a test: its own clock, and a log that can be read. */
import type { Clock } from '../clock.ts';
import type { Db } from '../db.ts';
import type { Deps } from '../deps.ts';
import { systemRandom } from '../ids.ts';
import { createLogger } from '../log.ts';

export type TestClock = Clock & { set: (now: Date) => void; advance: (ms: number) => void };

function testClock(start = new Date('2026-06-15T03:00:00Z')): TestClock {
  let now = start;
  return {
    now: () => now,
    set: (value) => {
      now = value;
    },
    advance: (ms) => {
      now = new Date(now.getTime() + ms);
    },
  };
}

export type TestDeps = Deps & { clock: TestClock; logged: () => Record<string, unknown>[] };

export function testDeps(db: Db, clock = testClock()): TestDeps {
  const lines: string[] = [];
  const write = (line: string) => {
    lines.push(line);
  };
  const log = createLogger('test', 'debug', { write });
  return { db, clock, log, random: systemRandom, logged: () => lines.map((line) => JSON.parse(line)) };
}
