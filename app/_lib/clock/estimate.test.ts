import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Estimate, estimate, type Sample } from './estimate.ts';

/** An answer that took `up` ms to the server and `down` ms back, asked at `at` on the page's clock. */
const sample = (offset: number, at: number, up: number, down: number): Sample => ({
  sentAt: at,
  receivedAt: at + up + down,
  serverMs: at + up + offset,
});

describe("the server's clock, measured", () => {
  const ms = fc.integer({ min: 0, max: 5000 });
  it('is never further off than it says, whatever the network does', () => {
    fc.assert(
      fc.property(fc.integer(), fc.array(fc.tuple(ms, ms, ms), { minLength: 1 }), (offset, asked) => {
        let [known, at]: [Estimate | null, number] = [null, 0];
        for (const [pause, up, down] of asked) {
          at += pause;
          known = estimate(known, sample(offset, at, up, down));
          at += up + down;
          expect(Math.abs(known.offsetMs - offset)).toBeLessThanOrEqual(known.errorMs);
        }
      }),
    );
  });

  it('keeps a quick answer against slow ones', () => {
    const quick = estimate(null, sample(7_200_000, 0, 5, 5));
    expect(quick).toEqual({ offsetMs: 7_200_000, errorMs: 5, at: 10 });
    expect(estimate(quick, sample(7_200_000, 1000, 2000, 0))).toBe(quick);
  });

  it('takes a slower one in the end, since the clocks drift apart', () => {
    const quick = estimate(null, sample(0, 0, 5, 5));
    expect(estimate(quick, sample(0, 3_600_000, 30, 30))).toMatchObject({ errorMs: 30 });
  });

  it('believes the newer one where the two contradict each other: the machine slept', () => {
    const before = estimate(null, sample(0, 0, 5, 5));
    expect(estimate(before, sample(3_600_000, 1000, 500, 500))).toMatchObject({ offsetMs: 3_600_000 });
  });
});
