import { expect, test } from 'vitest';
import { createPulse } from './pulse.ts';

const SILENT = 10_000;
const beats = (pulse: ReturnType<typeof createPulse>, from: number, seconds: number): boolean[] =>
  Array.from({ length: seconds }, (_, n) => pulse.beaten(from + (n + 1) * 1_000));

test('a heart that beats evenly may judge after as long as the silence it judges', () => {
  const pulse = createPulse(0, SILENT);
  expect(beats(pulse, 0, 12)).toEqual([...Array(9).fill(false), true, true, true]);
});

test('after a freeze nobody is judged until it was even again', () => {
  const pulse = createPulse(0, SILENT);
  beats(pulse, 0, 20);
  expect(pulse.ageMs(80_000)).toBe(60_000);
  expect(pulse.beaten(80_000)).toBe(false);
  expect(beats(pulse, 80_000, 10)).toEqual([...Array(9).fill(false), true]);
});

test('a clock that was set back by an hour stops it no longer than one that was set forward', () => {
  const pulse = createPulse(3_600_000, SILENT);
  beats(pulse, 3_600_000, 20);
  expect(pulse.beaten(20_000)).toBe(false);
  expect(beats(pulse, 20_000, 10)).toEqual([...Array(9).fill(false), true]);
});
