import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { strokesOf } from './layouts.ts';
import { STROKE_MS, typeStrokes } from './typing.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('one key after the other, Shift around those that need it, and no key stays down', async () => {
  const sent: string[] = [];
  const progress: number[] = [];
  const typed = typeStrokes((_, code, down) => sent.push(`${code}${down ? '↓' : '↑'}`), strokesOf('us', 'aB').strokes, {
    stop: new AbortController().signal,
    onProgress: (done) => progress.push(done),
  });
  expect(sent).toEqual(['KeyA↓', 'KeyA↑']);
  await vi.advanceTimersByTimeAsync(STROKE_MS);
  expect(sent.slice(2)).toEqual(['ShiftLeft↓', 'KeyB↓', 'KeyB↑', 'ShiftLeft↑']);
  await vi.advanceTimersByTimeAsync(STROKE_MS);
  expect([await typed, progress]).toEqual([2, [1, 2]]);
});

it('stops when told, and says how far it came', async () => {
  const stop = new AbortController();
  const typed = typeStrokes(() => undefined, strokesOf('us', 'abcdef').strokes, {
    stop: stop.signal,
    onProgress: (done) => {
      if (done === 3) stop.abort();
    },
  });
  await vi.advanceTimersByTimeAsync(STROKE_MS * 10);
  expect(await typed).toBe(3);
});
