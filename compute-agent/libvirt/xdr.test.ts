import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { array, type Codec, domain, int32, optional, string, uint32, uint64, uuid } from './codecs.ts';
import { LibvirtProtocolError } from './errors.ts';
import { STRING_BYTES_MAX, XdrReader, XdrWriter } from './xdr.ts';

function encode<T>(codec: Codec<T>, value: T): Buffer {
  const writer = new XdrWriter();
  codec.write(writer, value);
  return writer.finish();
}

function decode<T>(codec: Codec<T>, bytes: Buffer): T {
  const reader = new XdrReader(bytes);
  const value = codec.read(reader);
  reader.end();
  return value;
}

const text = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\0'));
const aDomain = fc.record({
  name: text,
  uuid: fc.uuid(),
  id: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
});

describe('what is written is read again', () => {
  test('numbers at their edges', () => {
    for (const value of [0, 1, -1, 2 ** 31 - 1, -(2 ** 31)]) expect(decode(int32, encode(int32, value))).toBe(value);
    for (const value of [0, 1, 2 ** 32 - 1]) expect(decode(uint32, encode(uint32, value))).toBe(value);
    for (const value of [0n, 1n, 2n ** 64n - 1n]) expect(decode(uint64, encode(uint64, value))).toBe(value);
  });

  test('any text, domains, lists', () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(decode(string, encode(string, value))).toBe(value);
      }),
    );
    const domains = array(domain, 100, 24);
    fc.assert(
      fc.property(fc.array(aDomain, { maxLength: 100 }), (value) => {
        expect(decode(domains, encode(domains, value))).toEqual(value);
      }),
    );
    fc.assert(
      fc.property(fc.option(aDomain), (value) => {
        expect(decode(optional(domain), encode(optional(domain), value))).toEqual(value);
      }),
    );
  });
});

describe('bytes as RFC 4506 has them', () => {
  test('a string: length, bytes, zeros up to four', () => {
    expect(encode(string, 'ab\u00e9').toString('hex')).toBe('000000046162c3a9');
    expect(encode(string, 'sixty').toString('hex')).toBe('000000057369787479000000');
    expect(encode(string, '').toString('hex')).toBe('00000000');
  });

  test('a domain: name, 16 bytes of uuid, id', () => {
    const value = { name: 'a', uuid: 'DC6BF2DA-783b-4f75-8137-b628263a1206', id: -1 };
    const bytes = encode(domain, value);
    expect(bytes.toString('hex')).toBe('0000000161000000dc6bf2da783b4f758137b628263a1206ffffffff');
    expect(decode(domain, bytes).uuid).toBe(value.uuid.toLowerCase());
  });

  test('the buffer grows without losing what it holds', () => {
    const writer = new XdrWriter();
    for (let i = 0; i < 10_000; i++) writer.uint32(i);
    const reader = new XdrReader(writer.finish());
    for (let i = 0; i < 10_000; i++) expect(reader.uint32()).toBe(i);
    reader.end();
  });
});

describe('what cannot be sent is the caller’s mistake', () => {
  test.each([
    ['a fraction', () => encode(int32, 1.5), TypeError],
    ['too large a number', () => encode(uint32, 2 ** 32), RangeError],
    ['a negative unsigned number', () => encode(uint32, -1), RangeError],
    ['a NUL, which would cut a name short', () => encode(string, 'web\0.evil'), TypeError],
    ['a string beyond the limit', () => encode(string, 'x'.repeat(STRING_BYTES_MAX + 1)), RangeError],
    ['no UUID', () => encode(uuid, 'dc6bf2da'), TypeError],
    ['too long a list', () => encode(array(int32, 2), [1, 2, 3]), RangeError],
  ])('%s', (_name, write, kind) => {
    expect(write).toThrow(kind);
  });
});

describe('hostile bytes', () => {
  const count = (value: number, rest = 0) => Buffer.concat([encode(uint32, value), Buffer.alloc(rest)]);

  test.each([
    ['a number cut off', () => decode(uint32, Buffer.alloc(3))],
    ['a string of 4 GiB', () => decode(string, count(0xffffffff, 64))],
    ['a string beyond the limit', () => decode(string, count(STRING_BYTES_MAX + 1, 64))],
    ['a string longer than the message', () => decode(string, count(65, 64))],
    ['a string without its padding', () => decode(string, count(5, 5))],
    ['a list of 4 billion', () => decode(array(domain, 16384, 24), count(0xffffffff, 64))],
    ['a list beyond the limit', () => decode(array(int32, 2), count(3, 12))],
    ['a list that the message cannot hold', () => decode(array(domain, 16384, 24), count(3, 64))],
    ['bytes left over', () => decode(uint32, Buffer.alloc(5))],
  ])('%s', (_name, read) => {
    expect(read).toThrow(LibvirtProtocolError);
  });
});
