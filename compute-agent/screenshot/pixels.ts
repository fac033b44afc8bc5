/** A picture as its pixels: three bytes (red, green, blue) each, row by row. */
export interface Pixels {
  width: number;
  height: number;
  rgb: Buffer;
}

/** QEMU's largest screen has less; more is no screenshot. */
const PIXELS_MAX = 5120 * 2880;

/** What QEMU sent is no picture that we read. */
export class PictureError extends Error {
  override readonly name = 'PictureError';
}

export function refuseSize(width: number, height: number): void {
  if (width < 1 || height < 1 || width * height > PIXELS_MAX) {
    throw new PictureError(`a picture of ${width} × ${height} pixels`);
  }
}

/** Half as wide and as high: each new pixel is the mean of up to four. An odd last row or column is kept by itself. */
export function halve({ width, height, rgb }: Pixels): Pixels {
  const [wide, high] = [Math.ceil(width / 2), Math.ceil(height / 2)];
  const out = Buffer.allocUnsafe(wide * high * 3);
  for (let y = 0; y < high; y++) {
    const top = 2 * y * width;
    const bottom = Math.min(2 * y + 1, height - 1) * width;
    for (let x = 0; x < wide; x++) {
      const left = 2 * x;
      const right = Math.min(left + 1, width - 1);
      for (let c = 0; c < 3; c++) {
        const at = (column: number) => column * 3 + c;
        const sum = rgb[at(top + left)]! + rgb[at(top + right)]! + rgb[at(bottom + left)]! + rgb[at(bottom + right)]!;
        out[(y * wide + x) * 3 + c] = (sum + 2) >> 2;
      }
    }
  }
  return { width: wide, height: high, rgb: out };
}
