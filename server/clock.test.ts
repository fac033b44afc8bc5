import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, addMonths, civilDate, fromDateColumn, term, termAt, toDateColumn } from './clock.ts';

describe('R1: months are counted from the anchor', () => {
  it.each([
    ['2026-01-31', 1, '2026-02-28'],
    ['2026-01-31', 2, '2026-03-31'],
    ['2026-01-31', 3, '2026-04-30'],
    ['2026-01-31', 13, '2027-02-28'],
    ['2024-01-31', 1, '2024-02-29'],
    ['2023-12-31', 2, '2024-02-29'],
    ['2026-01-30', 1, '2026-02-28'],
    ['2026-01-30', 2, '2026-03-30'],
    ['2028-01-30', 1, '2028-02-29'],
    ['2026-01-29', 1, '2026-02-28'],
    ['2028-01-29', 1, '2028-02-29'],
    ['2026-01-28', 1, '2026-02-28'],
    ['2024-02-29', 1, '2024-03-29'],
    ['2024-02-29', 12, '2025-02-28'],
    ['2024-02-29', 24, '2026-02-28'],
    ['2024-02-29', 48, '2028-02-29'],
    ['2026-03-31', 1, '2026-04-30'],
    ['2026-05-31', 1, '2026-06-30'],
    ['2026-08-31', 6, '2027-02-28'],
    ['2026-10-31', 4, '2027-02-28'],
    ['2026-12-31', 2, '2027-02-28'],
    ['2026-11-30', 3, '2027-02-28'],
    ['2100-01-31', 1, '2100-02-28'],
    ['2000-01-31', 1, '2000-02-29'],
    ['2026-02-28', 1, '2026-03-28'],
    ['2026-04-30', 1, '2026-05-30'],
    ['2026-07-15', 12, '2027-07-15'],
  ])('%s + %i = %s', (anchor, months, expected) => {
    expect(addMonths(anchor, months)).toBe(expected);
  });

  it.each([
    ['2026-01-30T14:59:59Z', '2026-01-30', '2026-02-28'],
    ['2026-01-30T15:00:00Z', '2026-01-31', '2026-02-28'],
    ['2026-02-28T14:59:59Z', '2026-02-28', '2026-03-28'],
    ['2026-02-28T15:00:00Z', '2026-03-01', '2026-04-01'],
    ['2026-12-31T14:59:59Z', '2026-12-31', '2027-01-31'],
    ['2026-12-31T15:00:00Z', '2027-01-01', '2027-02-01'],
    ['2024-02-28T15:00:00Z', '2024-02-29', '2024-03-29'],
    ['2026-03-31T15:00:00Z', '2026-04-01', '2026-05-01'],
  ])('activation at %s: anchor %s, first renewal %s', (instant, anchor, renewal) => {
    expect(civilDate(new Date(instant))).toBe(anchor);
    expect(term(anchor, 1).renewal).toBe(renewal);
  });
});

describe('terms', () => {
  it('ends the day before the next begins', () => {
    expect(term('2026-01-31', 1)).toEqual({ first: '2026-01-31', last: '2026-02-27', renewal: '2026-02-28' });
    expect(term('2026-01-31', 2)).toEqual({ first: '2026-02-28', last: '2026-03-30', renewal: '2026-03-31' });
  });

  const day = fc.integer({ min: 0, max: 30_000 }).map((n) => addDays('2000-01-01', n));

  it('covers every day exactly once', () => {
    fc.assert(
      fc.property(day, fc.integer({ min: 1, max: 60 }), (anchor, k) => {
        const [now, next] = [term(anchor, k), term(anchor, k + 1)];
        expect(addDays(now.last, 1)).toBe(next.first);
        expect(now.first <= now.last).toBe(true);
      }),
    );
  });

  it('finds the term of any day from the anchor on', () => {
    fc.assert(
      fc.property(day, fc.integer({ min: 0, max: 2_000 }), (anchor, offset) => {
        const date = addDays(anchor, offset);
        const found = termAt(anchor, date);
        expect(found.first <= date && date <= found.last).toBe(true);
      }),
    );
    expect(termAt('2026-05-10', '2026-01-01').first).toBe('2026-05-10');
  });

  it('passes through a date column unchanged', () => {
    fc.assert(
      fc.property(day, (date) => {
        expect(fromDateColumn(toDateColumn(date))).toBe(date);
      }),
    );
  });
});
