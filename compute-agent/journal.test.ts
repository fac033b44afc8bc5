import { describe, expect, it } from 'vitest';
import type { Observation } from './contract/shapes.ts';
import { Journal } from './journal.ts';

const entry = (generation: number): Observation => ({
  serverId: 'abcdefghij',
  state: 'running',
  reason: 'booted',
  generation,
});
const numbers = ({ observations }: { observations: Observation[] }) => observations.map(({ generation }) => generation);

describe('changes', () => {
  it('tells everything after a point, once, in order', async () => {
    const journal = new Journal();
    const { epoch, seq } = journal.point;
    for (const n of [1, 2, 3]) journal.append(entry(n));
    const first = await journal.changes({ epoch, after: seq, waitMs: 0 });
    expect(numbers(first)).toEqual([1, 2, 3]);
    journal.append(entry(4));
    const second = await journal.changes({ epoch, after: first.seq, waitMs: 0 });
    expect(numbers(second)).toEqual([4]);
    expect(await journal.changes({ epoch, after: second.seq, waitMs: 0 })).toMatchObject({
      reset: false,
      observations: [],
      seq: second.seq,
    });
  });

  it('waits, and answers as soon as something comes', async () => {
    const journal = new Journal();
    const { epoch, seq } = journal.point;
    const waiting = Promise.all([1, 2].map(() => journal.changes({ epoch, after: seq, waitMs: 10_000 })));
    journal.append(entry(1));
    for (const answer of await waiting) expect(numbers(answer)).toEqual([1]);
  });

  it('answers empty when its time is up, when the caller is gone, and when the agent goes down', async () => {
    const journal = new Journal();
    const { epoch, seq } = journal.point;
    expect(await journal.changes({ epoch, after: seq, waitMs: 20 })).toMatchObject({ reset: false, observations: [] });
    const gone = new AbortController();
    const waiting = journal.changes({ epoch, after: seq, waitMs: 10_000 }, gone.signal);
    gone.abort();
    expect(await waiting).toMatchObject({ reset: false, observations: [] });
    const other = journal.changes({ epoch, after: seq, waitMs: 10_000 });
    journal.close();
    expect(await other).toMatchObject({ observations: [] });
    expect(await journal.changes({ epoch, after: seq, waitMs: 10_000 })).toMatchObject({ observations: [] });
  });

  it.each([
    ['another epoch', { epoch: 'another' }],
    ['a point in the future', { after: 99 }],
  ])('says reset for %s', async (_, wrong) => {
    const journal = new Journal();
    const { epoch, seq } = journal.point;
    const answer = await journal.changes({ epoch, after: seq, waitMs: 10_000, ...wrong });
    expect(answer).toMatchObject({ reset: true, observations: [], epoch });
  });

  it('wakes everybody with reset when events were lost, and goes on in a new epoch', async () => {
    const journal = new Journal();
    journal.append(entry(1));
    const { epoch, seq } = journal.point;
    const waiting = journal.changes({ epoch, after: seq, waitMs: 10_000 });
    journal.reset();
    const answer = await waiting;
    expect(answer.reset).toBe(true);
    expect(answer.epoch).not.toBe(epoch);
    journal.append(entry(2));
    expect(numbers(await journal.changes({ epoch: answer.epoch, after: answer.seq, waitMs: 0 }))).toEqual([2]);
  });

  it('says reset to one who is so far behind that entries are gone, and never skips one silently', async () => {
    const journal = new Journal(10);
    const { epoch, seq } = journal.point;
    let reader = seq;
    const read: number[] = [];
    for (let n = 1; n <= 100; n++) {
      journal.append(entry(n));
      const answer = await journal.changes({ epoch, after: reader, waitMs: 0 });
      read.push(...numbers(answer));
      reader = answer.seq;
    }
    expect(read).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    expect((await journal.changes({ epoch, after: seq, waitMs: 0 })).reset).toBe(true);
    expect((await journal.changes({ epoch, after: 95, waitMs: 0 })).observations).toHaveLength(5);
  });

  it('gives a long backlog in parts', async () => {
    const journal = new Journal();
    const { epoch, seq } = journal.point;
    for (let n = 1; n <= 2_500; n++) journal.append(entry(n));
    let after = seq;
    const read: number[] = [];
    for (let i = 0; i < 3; i++) {
      const answer = await journal.changes({ epoch, after, waitMs: 0 });
      read.push(...numbers(answer));
      after = answer.seq;
    }
    expect(read).toEqual(Array.from({ length: 2_500 }, (_, i) => i + 1));
  });
});
