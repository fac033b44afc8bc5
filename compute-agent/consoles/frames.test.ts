import { expect, it } from 'vitest';
import { SERIAL_INPUT_BYTES_MAX, serialFrame } from '../contract/streams.ts';
import { FrameDecoder, FrameError, frameOf, putHeader } from './frames.ts';

const frame = (type: number, payload: Buffer): Buffer => {
  const whole = Buffer.alloc(5 + payload.length);
  putHeader(whole, type, payload.length);
  payload.copy(whole, 5);
  return whole;
};

function decode(pieces: Iterable<Buffer>): [number, string][] {
  const taken: [number, string][] = [];
  const decoder = new FrameDecoder((type, payload) => taken.push([type, payload.toString('latin1')]));
  for (const piece of pieces) decoder.push(piece);
  return taken;
}

const sent = [
  frame(serialFrame.input, Buffer.from('日本語')),
  frameOf(serialFrame.claim, { what: 'take' }),
  frame(serialFrame.input, Buffer.alloc(0)),
  frame(serialFrame.input, Buffer.alloc(SERIAL_INPUT_BYTES_MAX, 'x')),
  frame(serialFrame.input, Buffer.from([0, 255, 10, 13])),
];
const expected: [number, string][] = sent.map((one) => [one[0] as number, one.subarray(5).toString('latin1')]);

it('reads frames that come one by one, all at once, and byte by byte', () => {
  expect(decode(sent)).toEqual(expected);
  expect(decode([Buffer.concat(sent)])).toEqual(expected);
  const bytes = Buffer.concat(sent);
  expect(decode(Array.from(bytes, (_, index) => bytes.subarray(index, index + 1)))).toEqual(expected);
});

it('reads frames however they are cut', () => {
  const bytes = Buffer.concat([...sent.slice(0, 3), ...sent.slice(4)]);
  for (let size = 1; size <= bytes.length; size += 1) {
    const pieces: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
    expect(decode(pieces)).toEqual([...expected.slice(0, 3), ...expected.slice(4)]);
  }
});

it.each([
  ["the agent's own types", serialFrame.data, 0],
  ['unknown types', 99, 0],
  ['input beyond its limit', serialFrame.input, SERIAL_INPUT_BYTES_MAX + 1],
  ['a claim as long as a novel', serialFrame.claim, 1_025],
  ['a length of four GiB', serialFrame.input, 0xffff_ffff],
])('refuses %s, before it has come', (_, type, bytes) => {
  const header = Buffer.alloc(5);
  putHeader(header, type, bytes);
  expect(() => decode([header])).toThrow(FrameError);
});

it('outlives 25,000 malformed streams: it takes frames within their limits, or says that these are none', () => {
  let seed = 12_345;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return seed % below;
  };
  let refused = 0;
  let taken = 0;
  for (let round = 0; round < 25_000; round += 1) {
    const decoder = new FrameDecoder((type, payload) => {
      taken += 1;
      expect([serialFrame.input, serialFrame.claim]).toContain(type);
      expect(payload.length).toBeLessThanOrEqual(SERIAL_INPUT_BYTES_MAX);
    });
    const bytes = Buffer.from(Array.from({ length: 1 + random(40) }, () => random(256)));
    // Half of them begin well.
    if (random(2) === 0 && bytes.length >= 5) putHeader(bytes, 16 + random(2), random(30));
    try {
      for (let at = 0; at < bytes.length; ) {
        const size = 1 + random(9);
        decoder.push(bytes.subarray(at, at + size));
        at += size;
      }
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      refused += 1;
    }
  }
  expect(refused).toBeGreaterThan(5_000);
  expect(taken).toBeGreaterThan(1_000);
});
