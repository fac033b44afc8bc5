/** From honest frames to malformed ones. All that is random comes from one seeded source: a seed is a whole run. */

/** mulberry32: whole numbers below 2³². */
export type Random = () => number;
export function seeded(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
}

/** At the borders of what the decoder decides by: counts, lengths, limits, signs. */
const WORDS = [
  0, 1, 2, 3, 4, 16, 24, 27, 28, 29, 255, 256, 1_024, 16_384, 16_385, 65_536, 4_194_304, 4_194_305, 33_554_432,
  33_554_436, 33_554_437, 0x7fffffff, 0x80000000, 0xfffffffc, 0xffffffff,
];

type Mutation = (frame: Buffer, random: Random, others: readonly Buffer[]) => Buffer;
const copy = (frame: Buffer) => Buffer.from(frame);
const place = (frame: Buffer, random: Random) => (frame.length === 0 ? 0 : random() % frame.length);

const flipBits: Mutation = (frame, random) => {
  const out = copy(frame);
  for (let hits = 1 + (random() % 4); hits > 0 && out.length > 0; hits--) {
    const at = place(out, random);
    out[at] = out[at]! ^ (1 << (random() % 8));
  }
  return out;
};

/** On a word's border, where counts stand. */
const setWord: Mutation = (frame, random) => {
  const out = copy(frame);
  for (let hits = 1 + (random() % 3); hits > 0; hits--) {
    const at = place(out, random) & ~3;
    if (at + 4 <= out.length) out.writeUInt32BE(WORDS[random() % WORDS.length]!, at);
  }
  return out;
};

/** Another length, type, serial or status over the same payload. */
const setHeader: Mutation = (frame, random) => {
  const out = copy(frame);
  const at = (random() % 7) * 4;
  const value = random() % 2 === 0 ? WORDS[random() % WORDS.length]! : random() % 8;
  if (at + 4 <= out.length) out.writeUInt32BE(value, at);
  return out;
};

/** The stream ends here. */
const cut: Mutation = (frame, random) => frame.subarray(0, place(frame, random));

/** A frame whose length word is true of what is left of it: the reply's own parser sees the end. */
const cutAndRepair: Mutation = (frame, random) => repaired(copy(cut(frame, random, [])));
const remove: Mutation = (frame, random) => {
  const at = place(frame, random);
  return repaired(Buffer.concat([frame.subarray(0, at), frame.subarray(at + 1 + (random() % 8))]));
};
const insert: Mutation = (frame, random) => {
  const at = place(frame, random);
  return repaired(Buffer.concat([frame.subarray(0, at), noise(1 + (random() % 12), random), frame.subarray(at)]));
};
/** The beginning of one, the end of another. */
const splice: Mutation = (frame, random, others) => {
  const other = others[random() % others.length]!;
  return repaired(Buffer.concat([frame.subarray(0, place(frame, random)), other.subarray(place(other, random))]));
};
const followed: Mutation = (frame, random, others) =>
  Buffer.concat([frame, flipBits(others[random() % others.length]!, random, others)]);
/** An honest header before noise. */
const noisyPayload: Mutation = (frame, random) =>
  repaired(Buffer.concat([frame.subarray(0, 28), noise(random() % 512, random)]));
const onlyNoise: Mutation = (_frame, random) => noise(random() % 512, random);
/** Noise with a length that lets it through the frame's check. */
const framedNoise: Mutation = (_frame, random) => repaired(noise(28 + (random() % 512), random));

const MUTATIONS = [
  flipBits,
  flipBits,
  setWord,
  setWord,
  setWord,
  setHeader,
  cut,
  cutAndRepair,
  remove,
  insert,
  splice,
  followed,
  noisyPayload,
  onlyNoise,
  framedNoise,
];

export function malformed(frames: readonly Buffer[], random: Random): Buffer {
  let bytes = frames[random() % frames.length]!;
  for (let rounds = 1 + (random() % 2); rounds > 0; rounds--) {
    bytes = MUTATIONS[random() % MUTATIONS.length]!(bytes, random, frames);
  }
  return bytes;
}

function repaired(frame: Buffer): Buffer {
  if (frame.length >= 4) frame.writeUInt32BE(frame.length, 0);
  return frame;
}

function noise(length: number, random: Random): Buffer {
  const out = Buffer.allocUnsafe(length);
  for (let at = 0; at < length; at++) out[at] = random() & 0xff;
  return out;
}
