import { expect, it } from 'vitest';
import { countFresh } from './history-fresh.ts';

const entries = ['d', 'c', 'b', 'a'].map((id) => ({ id }));

it('counts what stands above the newest one that was seen', () => {
  expect(countFresh(entries, 'd')).toBe(0);
  expect(countFresh(entries, 'b')).toBe(2);
});

it('holds nothing back where the one that was seen has left the page, or none was there', () => {
  expect(countFresh(entries, 'gone')).toBe(0);
  expect(countFresh(entries, undefined)).toBe(0);
  expect(countFresh([], undefined)).toBe(0);
});
