import { crc32, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { halve, PictureError, type Pixels } from './pixels.ts';
import { decodePng, encodePng } from './png.ts';
import { decodePpm } from './ppm.ts';

function gradient(width: number, height: number): Pixels {
  const rgb = Buffer.alloc(width * height * 3);
  for (let i = 0; i < rgb.length; i++) rgb[i] = (i * 7 + (i >> 5) * 13) & 0xff;
  return { width, height, rgb };
}

/** Not made by our encoder: 3 × 5 pixels, RGBA, a text chunk, its data in two pieces, one row in each of the five filters. */
const FOREIGN = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAMAAAAFCAYAAACAcVaiAAAAA3RFWHRhAGLcSaI7AAAAFElEQVR4nAFBAL7/AIK3Du5/GlA5vvB+wnF81TUAAAA4SURBVAE0fwZunBBXWYGV6hwCDMT6lJvf945DfB6FAz1DxJenT0je+9uFSwQ9nemJQVHY1QPX1fvCvh+AJBPRfQAAAABJRU5ErkJggg==',
  'base64',
);
const FOREIGN_RGB = '82b70e7f1a50bef07e347f06d08f5d5124474043006b6e5494a0655d64c40bb8d44a87219a01ad9eb59ca15ef6';

describe('PNG', () => {
  test.each([
    [1, 1],
    [3, 2],
    [80, 25],
    [721, 401],
  ])('%i × %i pixels come back as they were', async (width, height) => {
    const picture = gradient(width, height);
    expect(await decodePng(await encodePng(picture))).toEqual(picture);
  });

  test('another encoder’s', async () => {
    const { width, height, rgb } = await decodePng(FOREIGN);
    expect([width, height, rgb.toString('hex')]).toEqual([3, 5, FOREIGN_RGB]);
  });

  test('any pixels', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 20 }),
        fc.infiniteStream(fc.nat(255)),
        async (width, height, bytes) => {
          const rgb = Buffer.from([...bytes.take(width * height * 3)]);
          expect((await decodePng(await encodePng({ width, height, rgb }))).rgb.equals(rgb)).toBe(true);
        },
      ),
      { numRuns: 50 },
    );
  });

  test('whatever bytes come, the answer is pixels or a PictureError', async () => {
    const honest = await encodePng(gradient(9, 9));
    for (let at = 0; at < honest.length; at++) {
      const damaged = Buffer.from(honest);
      damaged[at] = damaged[at]! ^ 0x5a;
      await expect(decodePng(damaged)).rejects.toBeInstanceOf(PictureError);
      await expect(decodePng(honest.subarray(0, at))).rejects.toBeInstanceOf(PictureError);
    }
  });

  test('what unpacks to more than the header says is refused, not unpacked', async () => {
    const bomb = await withData(gradient(4, 4), deflateSync(Buffer.alloc(64 * 1024 * 1024)));
    await expect(decodePng(bomb)).rejects.toThrow(/cannot be unpacked/);
  });
});

describe('PPM', () => {
  const ppm = (header: string, { rgb }: Pixels) => Buffer.concat([Buffer.from(header), rgb]);
  const picture = gradient(4, 3);

  test.each(['P6\n4 3\n255\n', 'P6 4 3 255 ', 'P6\n# made by QEMU\n4\n# and\n3\n255\n'])('%j', (header) => {
    expect(decodePpm(ppm(header, picture))).toEqual(picture);
  });

  test.each(['P5\n4 3\n255\n', 'P6\n4 3\n65535\n', 'P6\n4 4\n255\n', 'P6\n0 3\n255\n', 'P6\n99999 99999\n255\n', ''])(
    '%j is refused',
    (header) => {
      expect(() => decodePpm(ppm(header, picture))).toThrow(PictureError);
    },
  );
});

test('halved: the mean of four, odd borders by themselves', () => {
  const grey = (...values: number[]) => Buffer.from(values.flatMap((value) => [value, value, value]));
  expect(halve({ width: 3, height: 3, rgb: grey(0, 100, 7, 200, 100, 9, 50, 70, 255) })).toEqual({
    width: 2,
    height: 2,
    rgb: grey(100, 8, 60, 255),
  });
  expect(halve(gradient(1, 1))).toEqual(gradient(1, 1));
});

/** With other pixels than belong to it, but whole checksums. */
async function withData(picture: Pixels, data: Buffer): Promise<Buffer> {
  const honest = await encodePng(picture);
  const idat = Buffer.alloc(data.length + 12);
  idat.writeUInt32BE(data.length);
  idat.write('IDAT', 4, 'latin1');
  data.copy(idat, 8);
  idat.writeUInt32BE(crc32(idat.subarray(4, data.length + 8)), data.length + 8);
  return Buffer.concat([honest.subarray(0, 33), idat, honest.subarray(-12)]);
}
