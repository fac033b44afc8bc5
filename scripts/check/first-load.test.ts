import { expect, test } from 'vitest';
import { judgeFirstLoad } from './first-load.ts';

const faults = (now: Record<string, number>, recorded: Record<string, number>) =>
  judgeFirstLoad(now, recorded).map(({ fault }) => fault);

test('a page that is as it was, or smaller, or as good as the same, has no fault', () => {
  expect(faults({ a: 200, b: 190, c: 200.9 }, { a: 200, b: 200, c: 200 })).toEqual([undefined, undefined, undefined]);
});

test('growth, a page that nobody recorded, and the goal are faults', () => {
  const [grown, unknown, large] = faults({ a: 201.2, b: 150, c: 232.4 }, { a: 200, c: 233 });
  expect(grown).toBe('grew from 200 KiB');
  expect(unknown).toBe('is not recorded');
  expect(large).toContain('above an empty page');
});

test('what a page adds is counted from an empty one', () => {
  expect(judgeFirstLoad({ a: 200 }, { a: 200 })).toEqual([{ page: 'a', kib: 200, addedKib: 67.8 }]);
});
