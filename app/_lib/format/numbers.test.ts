import { expect, it } from 'vitest';
import { figure, gigabytes, memory, yen } from './numbers.ts';

it('money', () => {
  expect(yen(1100, 'ja')).toBe('1,100円');
  expect(yen(1100, 'en')).toBe('¥1,100');
  expect(yen(-1100, 'ja')).toBe('−1,100円');
  expect(yen(-1100, 'en')).toBe('−¥1,100');
  expect(figure(1234567)).toBe('1,234,567');
});

it('sizes as sold', () => {
  expect([512, 1024, 1536, 2048].map(memory)).toEqual(['512 MB', '1 GB', '1.5 GB', '2 GB']);
  expect([50, 1024, 1500].map(gigabytes)).toEqual(['50 GB', '1 TB', '1,500 GB']);
});
