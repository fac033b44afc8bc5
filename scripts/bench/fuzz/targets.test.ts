import { describe, expect, test } from 'vitest';
import { malformed, seeded } from './mutations.ts';
import { readRecorded } from './recorded.ts';
import { createTargets } from './targets.ts';

const recorded = readRecorded();

test.each([...recorded])('%s as libvirt sent it is read to its end', (_kind, bytes) => {
  const { feed, counts } = createTargets([bytes], seeded(1));
  feed(bytes);
  expect(counts).toEqual({ refused: 0, frames: 1, parsed: 1 });
});

describe('malformed frames', () => {
  test('a seed is a whole run', () => {
    const run = (seed: number) => {
      const random = seeded(seed);
      return Array.from({ length: 200 }, () => malformed([...recorded.values()], random).toString('base64')).join();
    };
    expect(run(7)).toBe(run(7));
    expect(run(7)).not.toBe(run(8));
  });

  test('they reach the parsers as well as the reader, and are refused in its own words', () => {
    const { attempt, counts } = createTargets([...recorded.values()], seeded(3));
    for (let n = 0; n < 5_000; n++) expect(attempt()).toBeNull();
    expect(counts.refused).toBeGreaterThan(2_000);
    expect(counts.frames).toBeGreaterThan(1_000);
    expect(counts.parsed).toBeGreaterThan(500);
  });
});
