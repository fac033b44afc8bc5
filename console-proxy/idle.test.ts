import { beforeEach, expect, test } from 'vitest';
import { IdleClock } from './idle.ts';

let now: number;
let told: (number | null)[];
const clock = (limitMs: number) =>
  new IdleClock(
    limitMs,
    (left) => told.push(left),
    () => now,
  );
beforeEach(() => {
  now = 1_000;
  told = [];
});

const MINUTE = 60_000;

test('warns once, two minutes before, and is over at the limit', () => {
  const idle = clock(30 * MINUTE);
  now += 28 * MINUTE - 1;
  expect([idle.look(), told]).toEqual([false, []]);
  now += 1;
  expect([idle.look(), idle.look(), told]).toEqual([false, false, [2 * MINUTE]]);
  now += 2 * MINUTE - 1;
  expect(idle.look()).toBe(false);
  now += 1;
  expect([idle.look(), told]).toEqual([true, [2 * MINUTE]]);
});

test('who does something begins anew, is told so after a warning, and is warned again', () => {
  const idle = clock(30 * MINUTE);
  now += 10 * MINUTE;
  idle.acted();
  now += 29 * MINUTE;
  idle.look();
  idle.acted();
  idle.acted();
  expect(told).toEqual([MINUTE, null]);
  now += 29 * MINUTE;
  expect([idle.look(), told]).toEqual([false, [MINUTE, null, MINUTE]]);
});

test('a short limit warns at its half', () => {
  const idle = clock(2 * MINUTE);
  now += MINUTE;
  expect([idle.look(), told]).toEqual([false, [MINUTE]]);
});
