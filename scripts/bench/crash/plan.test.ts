import { describe, expect, it } from 'vitest';
import { deal, randomFrom, type Where } from './plan.ts';

const count = (dealt: Where[], where: Where) => dealt.filter((one) => one === where).length;

describe('the places of the blows', () => {
  it.each([5, 8, 30])('of %i at least half fall inside a step, whatever the seed', (kills) => {
    for (let seed = 0; seed < 500; seed++) {
      const dealt = deal(kills, randomFrom(seed));
      expect(dealt).toHaveLength(kills);
      expect(count(dealt, 'inside') * 2).toBeGreaterThanOrEqual(kills);
    }
  });

  it('ten hold seven inside, two at a boundary, one at any moment', () => {
    const dealt = deal(10, randomFrom(7));
    expect([count(dealt, 'inside'), count(dealt, 'boundary'), count(dealt, 'random')]).toEqual([7, 2, 1]);
  });

  it('the same seed deals the same, another one another order', () => {
    expect(deal(30, randomFrom(7))).toEqual(deal(30, randomFrom(7)));
    expect(deal(30, randomFrom(7))).not.toEqual(deal(30, randomFrom(8)));
  });
});
