/** PPM (P6), which older QEMUs answer: a text header, then three bytes per pixel. */
import { PictureError, type Pixels, refuseSize } from './pixels.ts';

/** Magic, width, height, highest value, each after white space and comments; exactly one white space ends it. */
const HEADER = /^P6(?:\s|#[^\n]*\n)+(\d{1,6})(?:\s|#[^\n]*\n)+(\d{1,6})(?:\s|#[^\n]*\n)+255\s/;
const HEADER_BYTES_MAX = 1_024;

export function decodePpm(bytes: Buffer): Pixels {
  const header = HEADER.exec(bytes.toString('latin1', 0, HEADER_BYTES_MAX));
  if (!header) throw new PictureError('not a PPM with 8 bits per colour');
  const [width, height] = [Number(header[1]), Number(header[2])];
  refuseSize(width, height);
  const rgb = bytes.subarray(header[0].length);
  if (rgb.length !== width * height * 3) throw new PictureError(`a PPM with ${rgb.length} bytes of pixels`);
  return { width, height, rgb };
}
