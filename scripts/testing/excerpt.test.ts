import { expect, test } from 'vitest';
import { excerpt } from './excerpt.ts';

const quiet = (count: number) => Array.from({ length: count }, (_, n) => ` ✓ test ${n}`);

test('a failure in the middle is shown with what follows it, not the passing rest', () => {
  const log = [...quiet(300), ' FAIL  x.test.ts > y', 'AssertionError: 1', ...quiet(300)].join('\n');
  expect(excerpt(log)).toMatch(/^ FAIL {2}x\.test\.ts > y\nAssertionError: 1\n/);
  expect(excerpt(log).split('\n')).toHaveLength(25);
});

test('without a mark, the end', () => {
  expect(excerpt([...quiet(300), 'killed'].join('\n'))).toMatch(/killed$/);
});
