/** Where each blow falls: inside a step at a seeded delay, at a step's beginning, or at any moment. */
export type Where = 'inside' | 'boundary' | 'random';

/** mulberry32: the same numbers in 0 … 1 for the same seed. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * The places of `count` blows. Of ten, seven fall inside a step, two at a step's beginning and one at any moment, in
 * an order of the seed. They are dealt from decks and not drawn one by one: independent draws leave a short run of
 * five with too few inside a step in one seed of six.
 */
export function deal(count: number, random: () => number): Where[] {
  const dealt: Where[] = [];
  while (dealt.length < count) {
    const rest = shuffled<Where>(['inside', 'inside', 'inside', 'boundary', 'boundary', 'random'], random);
    // Each half of the ten holds three inside at the least, so that a run that ends in the middle has its share too.
    const first = shuffled<Where>(['inside', 'inside', 'inside', ...rest.slice(0, 2)], random);
    const second = shuffled<Where>(['inside', ...rest.slice(2)], random);
    dealt.push(...first, ...second);
  }
  return dealt.slice(0, count);
}

function shuffled<T>(items: T[], random: () => number): T[] {
  const left = [...items];
  return items.map(() => left.splice(Math.floor(random() * left.length), 1)[0]!);
}
