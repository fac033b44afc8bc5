import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { KeyedMutex, Semaphore } from './mutex.ts';

describe('Semaphore', () => {
  it('lets in at most its limit, and the others in order', async () => {
    const semaphore = new Semaphore(2);
    let inside = 0;
    let most = 0;
    const order: number[] = [];
    await Promise.all(
      [1, 2, 3, 4, 5, 6].map((n) =>
        semaphore.run(1_000, async () => {
          inside += 1;
          most = Math.max(most, inside);
          order.push(n);
          await sleep(5);
          inside -= 1;
        }),
      ),
    );
    expect(most).toBe(2);
    expect(order).toEqual([1, 2, 3, 4, 5, 6]);
    expect(semaphore.idle).toBe(true);
  });

  it('sends away with BUSY who waits too long, and keeps working', async () => {
    const semaphore = new Semaphore(1);
    let free = () => {};
    const holding = semaphore.run(0, () => new Promise<void>((resolve) => (free = resolve)));
    await expect(semaphore.run(10, async () => 'never')).rejects.toMatchObject({ code: 'BUSY' });
    const next = semaphore.run(1_000, async () => 'next');
    free();
    expect(await next).toBe('next');
    await holding;
    expect(semaphore.idle).toBe(true);
  });

  it('gives its place on when the work fails', async () => {
    const semaphore = new Semaphore(1);
    await expect(semaphore.run(0, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await semaphore.run(0, async () => 'in')).toBe('in');
  });
});

describe('KeyedMutex', () => {
  it('excludes the same key only', async () => {
    const mutex = new KeyedMutex();
    const log: string[] = [];
    const step = (key: string, name: string, ms: number) =>
      mutex.run(key, 1_000, async () => {
        log.push(`${name} in`);
        await sleep(ms);
        log.push(`${name} out`);
      });
    await Promise.all([step('a', 'a1', 40), step('a', 'a2', 1), step('b', 'b1', 1)]);
    expect(log).toEqual(['a1 in', 'b1 in', 'b1 out', 'a1 out', 'a2 in', 'a2 out']);
  });

  it('excludes also those who come while one waits and one leaves', async () => {
    const mutex = new KeyedMutex();
    let inside = 0;
    let most = 0;
    const one = () =>
      mutex.run('k', 5_000, async () => {
        inside += 1;
        most = Math.max(most, inside);
        await sleep(Math.random() * 3);
        inside -= 1;
      });
    const all: Promise<void>[] = [];
    for (let i = 0; i < 50; i++) {
      all.push(one());
      if (i % 7 === 0) await sleep(2);
    }
    await Promise.all(all);
    expect(most).toBe(1);
    expect(mutex.size).toBe(0);
  });
});
