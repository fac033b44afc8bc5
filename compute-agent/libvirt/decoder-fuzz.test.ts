/**
 * Whatever bytes come, a decoder answers with a value or with LibvirtProtocolError: no other exception, no endless
 * loop, no memory beyond a small multiple of the message.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Codec, remoteError } from './codecs.ts';
import { LibvirtProtocolError } from './errors.ts';
import { encodeFrame, FrameReader } from './frames.ts';
import { eventMessages, procedures } from './procedures.ts';
import { XdrReader, XdrWriter } from './xdr.ts';

const decoders: [string, Codec<unknown>][] = [
  ...Object.entries(procedures).map(([name, { ret }]) => [name, ret] as [string, Codec<unknown>]),
  ...Object.entries(eventMessages).map(([name, { payload }]) => [name, payload] as [string, Codec<unknown>]),
  ['error', remoteError as Codec<unknown>],
];

function attempt(codec: Codec<unknown>, bytes: Buffer): 'value' | 'refused' {
  try {
    const reader = new XdrReader(bytes);
    codec.read(reader);
    reader.end();
    return 'value';
  } catch (error) {
    expect(error).toBeInstanceOf(LibvirtProtocolError);
    return 'refused';
  }
}

/** mulberry32: the same bytes in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
}

/** An honest answer of a list with three domains, to be damaged. */
function honestList(): Buffer {
  const dom = (name: string) => ({ name, uuid: 'dc6bf2da-783b-4f75-8137-b628263a1206', id: 7 });
  const writer = new XdrWriter();
  const domains = [dom('a'), dom('bb'), dom('a-long-name')];
  procedures.connectListAllDomains.ret.write(writer, { domains, count: 3 });
  return writer.finish();
}

describe.each(decoders)('%s', (_name, codec) => {
  test('any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 512 }), (bytes) => {
        attempt(codec, Buffer.from(bytes));
      }),
      { numRuns: 300, seed: 20260801 },
    );
  });

  test('words that look like counts', () => {
    // Random bytes are almost always too large a count; small and edge words go deep into the structure.
    const word = fc.constantFrom(0, 1, 2, 4, 16, 24, 1024, 16384, 16385, 4194304, 4194305, 0x7fffffff, 0xffffffff);
    fc.assert(
      fc.property(fc.array(word, { maxLength: 64 }), (words) => {
        const bytes = Buffer.alloc(words.length * 4);
        words.forEach((value, i) => {
          bytes.writeUInt32BE(value, i * 4);
        });
        attempt(codec, bytes);
      }),
      { numRuns: 300, seed: 20260801 },
    );
  });
});

test('an honest list with every single byte changed, and cut at every place', () => {
  const honest = honestList();
  const { ret } = procedures.connectListAllDomains;
  expect(attempt(ret, honest)).toBe('value');
  let refused = 0;
  for (let at = 0; at < honest.length; at++) {
    expect(attempt(ret, honest.subarray(0, at))).toBe('refused');
    for (const value of [0x00, 0x01, 0x7f, 0xff]) {
      const damaged = Buffer.from(honest);
      damaged[at] = value;
      if (attempt(ret, damaged) === 'refused') refused++;
    }
  }
  expect(refused).toBeGreaterThan(30);
});

test('a message full of hostile counts is refused without being built', () => {
  // 16384 domains of 24 bytes at least, in a message eight bytes too short for them.
  const bytes = Buffer.alloc(16384 * 24 + 4);
  bytes.writeUInt32BE(16384);
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < 1_000; i++)
    expect(attempt(procedures.connectListAllDomains.ret, bytes.subarray(0, -8))).toBe('refused');
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(64 * 1024 * 1024);
});

test('a damaged stream of frames', () => {
  const random = seeded(7);
  const header = { program: 0x20008086, version: 1, procedure: 273, type: 1, serial: 1, status: 0 };
  const honest = Buffer.concat(
    Array.from({ length: 5 }, (_, serial) => encodeFrame({ ...header, serial }, honestList())),
  );
  let whole = 0;
  let refused = 0;
  for (let run = 0; run < 2_000; run++) {
    const damaged = Buffer.from(honest);
    for (let hits = random() % 4; hits > 0; hits--) damaged[random() % damaged.length] = random() & 0xff;
    const reader = new FrameReader();
    try {
      for (let at = 0; at < damaged.length; ) {
        const length = 1 + (random() % 200);
        for (const frame of reader.push(damaged.subarray(at, at + length))) {
          attempt(procedures.connectListAllDomains.ret, frame.payload);
          whole++;
        }
        at += length;
      }
    } catch (error) {
      expect(error).toBeInstanceOf(LibvirtProtocolError);
      refused++;
    }
    expect(reader.pendingBytes).toBeLessThanOrEqual(damaged.length);
  }
  expect(whole).toBeGreaterThan(5_000);
  expect(refused).toBeGreaterThan(20);
});
