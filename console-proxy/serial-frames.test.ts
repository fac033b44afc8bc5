import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SERIAL_FRAME_BYTES_MAX, serialFrame } from '../compute-agent/contract/streams.ts';
import { BadFrameError, encodeFrame, encodeJson, FrameDecoder } from './serial-frames.ts';

test('frames come out as they went in, wherever the bytes are cut', () => {
  const one = fc.record({
    type: fc.constantFrom(...Object.values(serialFrame)),
    payload: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  });
  fc.assert(
    fc.property(fc.array(one, { maxLength: 10 }), fc.array(fc.nat(500)), (frames, cuts) => {
      const bytes = Buffer.concat(frames.map(({ type, payload }) => encodeFrame(type, payload)));
      const decoder = new FrameDecoder();
      const at = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
      const got = at.slice(1).flatMap((end, index) => decoder.push(bytes.subarray(at[index], end)));
      expect(got).toEqual(frames);
    }),
  );
});

test('byte by byte, with the longest payload there is', () => {
  const decoder = new FrameDecoder();
  const [mark, longest] = [encodeJson(serialFrame.mark, { a: 1 }), Buffer.alloc(SERIAL_FRAME_BYTES_MAX, 7)];
  expect([...mark].flatMap((byte) => decoder.push(Buffer.from([byte])))).toEqual([
    { type: serialFrame.mark, payload: Buffer.from('{"a":1}') },
  ]);
  expect(decoder.push(encodeFrame(serialFrame.data, longest))).toEqual([{ type: serialFrame.data, payload: longest }]);
});

test('a payload above the limit is refused by its head alone', () => {
  const head = Buffer.from([0, 0, 0, 0, 0]);
  head.writeUInt32BE(SERIAL_FRAME_BYTES_MAX + 1, 1);
  expect(() => new FrameDecoder().push(head)).toThrow(BadFrameError);
});
