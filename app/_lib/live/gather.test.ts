import { QueryClient } from '@tanstack/react-query';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { gatherSubjects } from './gather.ts';

const asked: Record<string, number> = {};
let client: QueryClient;
let gathered: ReturnType<typeof gatherSubjects>;

beforeEach(() => {
  vi.useFakeTimers();
  client = new QueryClient();
  for (const router of ['servers', 'operations', 'staff', 'catalog']) {
    asked[router] = 0;
    client.setQueryData([[router, 'list']], []);
  }
  gathered = gatherSubjects((filters) => {
    for (const query of client.getQueryCache().findAll(filters)) {
      const [router] = query.queryKey[0] as string[];
      if (router !== undefined) asked[router] = (asked[router] ?? 0) + 1;
    }
  });
});
afterEach(() => {
  gathered.close();
  vi.useRealTimers();
});

it('one transaction is one reading, a moment later', async () => {
  gathered.add('server:a');
  gathered.add('operation:o');
  expect(asked).toMatchObject({ servers: 0, staff: 0 });
  await vi.advanceTimersByTimeAsync(60);
  expect(asked).toEqual({ servers: 1, operations: 1, staff: 1, catalog: 0 });
});

it("staff's lists are read at most once a second, and the last event is not lost; a customer's at once", async () => {
  for (let n = 0; n < 30; n++) {
    gathered.add(`operation:${n}`);
    await vi.advanceTimersByTimeAsync(100);
  }
  expect(asked.servers).toBeGreaterThanOrEqual(30);
  expect(asked.staff).toBe(3);
  await vi.advanceTimersByTimeAsync(1000);
  expect(asked.staff).toBe(4);
  await vi.advanceTimersByTimeAsync(5000);
  gathered.add('operation:later');
  await vi.advanceTimersByTimeAsync(60);
  expect(asked.staff).toBe(5);
});

it('what it does not know reads everything', async () => {
  gathered.add('all:');
  await vi.advanceTimersByTimeAsync(60);
  expect(asked).toEqual({ servers: 1, operations: 1, staff: 1, catalog: 1 });
});

it('nothing is read for a page that has gone', async () => {
  gathered.add('server:a');
  gathered.close();
  await vi.advanceTimersByTimeAsync(5000);
  expect(asked.servers).toBe(0);
});
