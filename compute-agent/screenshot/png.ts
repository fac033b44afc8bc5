/**
 * PNG (RFC 2083) as far as screenshots need it: 8 bits per colour, RGB or RGBA in, RGB out, not interlaced. What QEMU
 * made is read to its pixels and written anew, so that nothing else of it reaches a browser.
 */
import { promisify } from 'node:util';
import { crc32, deflate, inflate } from 'node:zlib';
import { PictureError, type Pixels, refuseSize } from './pixels.ts';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const ColourType = { rgb: 2, rgba: 6 } as const;
/** Of each row: what was subtracted from it. */
const Filter = { none: 0, sub: 1, up: 2, average: 3, paeth: 4 } as const;
/** Level of compression; more takes longer and saves little on screens. */
const LEVEL = 6;

export async function encodePng({ width, height, rgb }: Pixels): Promise<Buffer> {
  const row = width * 3;
  const filtered = Buffer.allocUnsafe((row + 1) * height);
  for (let y = 0; y < height; y++) {
    const out = y * (row + 1);
    // Rows of a screen mostly repeat the one above.
    filtered[out] = y === 0 ? Filter.none : Filter.up;
    const here = y * row;
    if (y === 0) rgb.copy(filtered, 1, 0, row);
    else for (let x = 0; x < row; x++) filtered[out + 1 + x] = rgb[here + x]! - rgb[here - row + x]!;
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  header[9] = ColourType.rgb;
  const compressed = await promisify(deflate)(filtered, { level: LEVEL });
  return Buffer.concat([SIGNATURE, chunk('IHDR', header), chunk('IDAT', compressed), chunk('IEND', Buffer.alloc(0))]);
}

/** Throws PictureError. */
export async function decodePng(bytes: Buffer): Promise<Pixels> {
  const { header, data } = readChunks(bytes);
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  refuseSize(width, height);
  const [depth, colour, , , interlace] = header.subarray(8);
  if (depth !== 8 || (colour !== ColourType.rgb && colour !== ColourType.rgba) || interlace !== 0) {
    throw new PictureError(`a PNG with ${depth} bits, colour type ${colour}, interlace ${interlace}`);
  }
  const channels = colour === ColourType.rgb ? 3 : 4;
  const length = (width * channels + 1) * height;
  const filtered = await promisify(inflate)(data, { maxOutputLength: length }).catch((cause: Error) => {
    throw new PictureError(`a PNG whose pixels cannot be unpacked: ${cause.message}`);
  });
  if (filtered.length !== length) throw new PictureError(`a PNG with ${filtered.length} bytes of pixels`);
  const pixels = unfilter(filtered, width * channels, height, channels);
  return { width, height, rgb: channels === 3 ? pixels : withoutAlpha(pixels, width * height) };
}

function readChunks(bytes: Buffer): { header: Buffer; data: Buffer } {
  if (!bytes.subarray(0, 8).equals(SIGNATURE)) throw new PictureError('not a PNG');
  let header: Buffer | undefined;
  const data: Buffer[] = [];
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const end = at + 8 + length;
    if (end + 4 > bytes.length) break;
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (crc32(bytes.subarray(at + 4, end)) !== bytes.readUInt32BE(end)) {
      throw new PictureError(`a PNG whose chunk ${JSON.stringify(type)} is damaged`);
    }
    const content = bytes.subarray(at + 8, end);
    if (type === 'IHDR' && length === 13) header = content;
    if (type === 'IDAT') data.push(content);
    if (type === 'IEND' && header) return { header, data: Buffer.concat(data) };
    at = end + 4;
  }
  throw new PictureError('a PNG that ends early');
}

/** `bpp`: bytes per pixel, which is how far to the left a row's neighbour is. */
function unfilter(filtered: Buffer, row: number, height: number, bpp: number): Buffer {
  const out = Buffer.allocUnsafe(row * height);
  for (let y = 0; y < height; y++) {
    const filter = filtered[y * (row + 1)]!;
    if (filter > Filter.paeth) throw new PictureError(`a PNG with the filter ${filter}`);
    const from = y * (row + 1) + 1;
    const to = y * row;
    for (let x = 0; x < row; x++) {
      const left = x < bpp ? 0 : out[to + x - bpp]!;
      const up = y === 0 ? 0 : out[to - row + x]!;
      const upLeft = x < bpp || y === 0 ? 0 : out[to - row + x - bpp]!;
      out[to + x] = filtered[from + x]! + predicted(filter, left, up, upLeft);
    }
  }
  return out;
}

function predicted(filter: number, left: number, up: number, upLeft: number): number {
  switch (filter) {
    case Filter.sub:
      return left;
    case Filter.up:
      return up;
    case Filter.average:
      return (left + up) >> 1;
    case Filter.paeth: {
      const [a, b, c] = [Math.abs(up - upLeft), Math.abs(left - upLeft), Math.abs(left + up - 2 * upLeft)];
      if (a <= b && a <= c) return left;
      return b <= c ? up : upLeft;
    }
    default:
      return 0;
  }
}

function withoutAlpha(rgba: Buffer, count: number): Buffer {
  const rgb = Buffer.allocUnsafe(count * 3);
  for (let i = 0; i < count; i++) rgba.copy(rgb, i * 3, i * 4, i * 4 + 3);
  return rgb;
}

function chunk(type: string, content: Buffer): Buffer {
  const out = Buffer.allocUnsafe(content.length + 12);
  out.writeUInt32BE(content.length, 0);
  out.write(type, 4, 'latin1');
  content.copy(out, 8);
  out.writeUInt32BE(crc32(out.subarray(4, content.length + 8)), content.length + 8);
  return out;
}
