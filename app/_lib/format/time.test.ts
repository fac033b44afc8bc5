import { describe, expect, it } from 'vitest';
import { clock, dateTime, duration, longDate, period, relative, shortDate, stopwatch } from './time.ts';

describe('times in Japan, from UTC', () => {
  const iso = '2026-11-24T11:39:12.000Z';
  it('list, clock', () => {
    expect(dateTime(iso, 'ja')).toBe('2026/11/24 20:39');
    expect(dateTime(iso, 'en')).toBe('24 Nov 2026, 20:39');
    expect(clock(iso, { seconds: true })).toBe('20:39:12');
    expect(dateTime('2026-12-31T15:00:00Z', 'ja')).toBe('2027/01/01 00:00');
  });
  it('contracts', () => {
    expect(longDate(iso, 'ja')).toBe('2026年11月24日（火）');
    expect(longDate(iso, 'en')).toBe('Tue 24 November 2026');
  });
  it('civil dates have no zone', () => {
    expect(longDate('2026-11-24', 'ja', 'America/New_York')).toBe('2026年11月24日（火）');
    expect(shortDate('2026-11-24', 'en', 'America/New_York')).toBe('24 Nov 2026');
    expect(period('2026-11-24', '2026-12-23', 'ja')).toBe('11月24日〜12月23日');
    expect(period('2026-11-24', '2026-12-23', 'en')).toBe('24 November – 23 December');
  });
});

describe('durations', () => {
  it.each([
    [0, '0秒', '0 s'],
    [38.9, '38秒', '38 s'],
    [72, '1分12秒', '1 min 12 s'],
    [60, '1分', '1 min'],
    [3600 + 120 + 5, '1時間2分', '1 h 2 min'],
    [12 * 86_400 + 4 * 3600, '12日4時間', '12 days 4 h'],
    [86_400, '1日', '1 day'],
    [-3, '0秒', '0 s'],
  ])('%d s', (seconds, ja, en) => {
    expect(duration(seconds, 'ja')).toBe(ja);
    expect(duration(seconds, 'en')).toBe(en);
  });
  it('a running clock keeps its width', () => {
    expect([5, 65, 3723].map(stopwatch)).toEqual(['0:05', '1:05', '1:02:03']);
  });
});

describe('relative', () => {
  const now = Date.parse('2026-11-24T12:00:00Z');
  it('under a day only', () => {
    expect(relative('2026-11-24T11:57:00Z', now, 'ja')).toBe('3分前');
    expect(relative('2026-11-24T11:57:00Z', now, 'en')).toBe('3 min ago');
    expect(relative('2026-11-24T11:59:30Z', now, 'ja')).toBe('たった今');
    expect(relative('2026-11-23T12:00:00Z', now, 'ja')).toBeNull();
  });
  it('no time from the future, but a clock that is a little off', () => {
    expect(relative('2026-11-24T12:00:20Z', now, 'ja')).toBe('たった今');
    expect(relative('2026-11-24T13:00:00Z', now, 'ja')).toBeNull();
  });
});
