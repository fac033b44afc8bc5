import { expect, it } from 'vitest';
import { keptOrder } from './steady-order.ts';

it('leaves every row where it is, adds at the end, closes the gaps', () => {
  expect(keptOrder(['a', 'b', 'c'], ['c', 'a', 'b'])).toEqual(['a', 'b', 'c']);
  expect(keptOrder(['a', 'b', 'c'], ['d', 'c', 'a'])).toEqual(['a', 'c', 'd']);
  expect(keptOrder([], ['b', 'a'])).toEqual(['b', 'a']);
});
