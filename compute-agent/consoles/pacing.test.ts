import { expect, it } from 'vitest';
import { busy, Pacing, screenPace } from './pacing.ts';

const KIB = 1_024;
const { calm } = screenPace;

/** @returns what the last of such reads waits for; a read every `everyMs` */
function lastOf(reads: number, bytes: number, everyMs: number) {
  let now = 1_000;
  const pacing = new Pacing({ now: () => 0, monotonic: () => now }, screenPace);
  let tick = pacing.after(bytes);
  for (let n = 1; n < reads; n++) {
    now += everyMs;
    tick = pacing.after(bytes);
  }
  return tick;
}

it('holds what follows soon, but not the first after quiet', () => {
  expect(lastOf(1, 4 * KIB, 0)).toBeNull();
  expect(lastOf(2, 4 * KIB, 1)).toBe(calm);
  expect(lastOf(50, 4 * KIB, 30)).toBeNull();
});

it('holds no echo among others, and nothing large', () => {
  expect(lastOf(50, 200, 1)).toBeNull();
  expect(lastOf(50, 160 * KIB, 1)).toBeNull();
});

it('lets the rest of one update wait for the short tick', () => {
  expect(lastOf(2, 32 * KIB, 0.1)).toBe(busy);
});

it('lets a stream that carries much wait for the short tick, whatever its pieces', () => {
  expect(lastOf(500, 48 * KIB, 12)).toBe(calm);
  expect(lastOf(500, 127 * KIB, 12)).toBe(busy);
  expect(lastOf(500, 10 * KIB, 1)).toBe(busy);
});

it('calls all that wait at one tick', async () => {
  const called: string[] = [];
  await new Promise<void>((resolve) => {
    calm.wait(() => called.push('a'));
    calm.wait(() => {
      called.push('b');
      resolve();
    });
  });
  expect(called).toEqual(['a', 'b']);
});
