import { expect, it } from 'vitest';
import { MAX_BYTES, Received } from './received.ts';

it('keeps the bytes as they came, cut wherever they were cut', async () => {
  const received = new Received();
  const bytes = new TextEncoder().encode('日本\0\u001b[0m');
  for (const byte of bytes) received.add(Uint8Array.of(byte));
  expect(new Uint8Array(await received.file().arrayBuffer())).toEqual(bytes);
});

it('keeps the last of a flood', async () => {
  const received = new Received();
  for (let n = 0; n < 10; n++) received.add(new Uint8Array(1024 * 1024).fill(n));
  const kept = new Uint8Array(await received.file().arrayBuffer());
  expect(kept.length).toBeGreaterThanOrEqual(MAX_BYTES);
  expect(kept.length).toBeLessThan(2 * MAX_BYTES);
  expect([kept[0], kept.at(-1)]).toEqual([6, 9]);
});
