import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LibvirtProtocolError } from './errors.ts';
import { encodeFrame, FRAME_BYTES_MAX, FRAME_HEADER_BYTES, type FrameHeader, FrameReader } from './frames.ts';

const header: FrameHeader = { program: 0x20008086, version: 1, procedure: 7, type: 1, serial: 3, status: 0 };

/** Frames as plain values, with their payloads copied out of the buffer. */
function read(reader: FrameReader, chunk: Buffer) {
  return [...reader.push(chunk)].map(({ payload, ...rest }) => ({ ...rest, payload: payload.toString('hex') }));
}

const payloads = ['', '00', 'aabbccdd', 'ff'.repeat(1_000), ''];
const stream = Buffer.concat(
  payloads.map((hex, serial) => encodeFrame({ ...header, serial }, Buffer.from(hex, 'hex'))),
);
const frames = payloads.map((payload, serial) => ({ ...header, serial, payload }));

function announcing(length: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length);
  return bytes;
}

describe('however the stream is cut', () => {
  test('all at once', () => {
    expect(read(new FrameReader(), stream)).toEqual(frames);
  });

  test('byte by byte', () => {
    const reader = new FrameReader();
    expect([...stream].flatMap((byte) => read(reader, Buffer.of(byte)))).toEqual(frames);
    expect(reader.pendingBytes).toBe(0);
  });

  test('anywhere', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 40 }), (places) => {
        const cuts = [0, ...places.sort((a, b) => a - b), stream.length];
        const reader = new FrameReader();
        const got = cuts.slice(1).flatMap((end, i) => read(reader, stream.subarray(cuts[i], end)));
        expect(got).toEqual(frames);
        expect(reader.pendingBytes).toBe(0);
      }),
      { numRuns: 500 },
    );
  });

  test('a large frame in small pieces takes linear time', { timeout: 10_000 }, () => {
    // 131,072 pieces: joining the whole again at each of them would copy 500 GB.
    const large = encodeFrame(header, Buffer.alloc(8 * 1024 * 1024, 7));
    const reader = new FrameReader();
    let got = 0;
    for (let at = 0; at < large.length; at += 64) {
      for (const frame of reader.push(large.subarray(at, at + 64))) got += frame.payload.length;
    }
    expect(got).toBe(8 * 1024 * 1024);
  });
});

describe('limits', () => {
  test.each([0, 4, FRAME_HEADER_BYTES - 1, FRAME_BYTES_MAX + 1, 0x7fffffff, 0xffffffff])(
    'no frame has %i bytes',
    (length) => {
      expect(() => read(new FrameReader(), announcing(length))).toThrow(LibvirtProtocolError);
      const reader = new FrameReader();
      expect(() => [...announcing(length)].map((byte) => read(reader, Buffer.of(byte)))).toThrow(LibvirtProtocolError);
    },
  );

  test('announcing the longest frame costs no memory', () => {
    const before = process.memoryUsage().arrayBuffers;
    const readers = Array.from({ length: 50 }, () => {
      const reader = new FrameReader();
      read(reader, Buffer.concat([announcing(FRAME_BYTES_MAX), Buffer.alloc(10)]));
      return reader;
    });
    expect(readers.every((reader) => reader.pendingBytes === 14)).toBe(true);
    // 50 announced frames would be 1.6 GiB.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1024 * 1024);
  });

  test('the longest frame is taken', () => {
    const longest = encodeFrame(header, Buffer.alloc(FRAME_BYTES_MAX - FRAME_HEADER_BYTES));
    const [frame] = [...new FrameReader().push(longest)];
    expect(frame?.payload.length).toBe(FRAME_BYTES_MAX - FRAME_HEADER_BYTES);
    expect(() => encodeFrame(header, Buffer.alloc(FRAME_BYTES_MAX))).toThrow(RangeError);
  });

  test('unknown types and statuses are refused', () => {
    expect(() => read(new FrameReader(), encodeFrame({ ...header, type: 6 }, Buffer.alloc(0)))).toThrow('type 6');
    expect(() => read(new FrameReader(), encodeFrame({ ...header, status: 3 }, Buffer.alloc(0)))).toThrow('status 3');
  });
});
