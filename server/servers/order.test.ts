/** Many orders at once: what they wait for, and what they cost the others meanwhile. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { lockZone, roomOfHosts } from '../hosts/capacity.ts';
import { codeOf, createHarness, type Harness } from '../operations/testing.ts';

let h: Harness;
beforeAll(async () => {
  h = await createHarness();
});
afterAll(() => h.drop());

/** The order gives up after 3 s; this transaction must outlast it also where everything is slow. */
const LONGER_THAN_THE_LOCK = { timeout: 30_000 };

type Waiter = { xid: string | null };
const waiters = () =>
  h.deps.db.$queryRaw<Waiter[]>`
    SELECT backend_xid::text AS xid FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'`;

it('an order that waits for its zone has written nothing and holds back no event; it does not wait for ever', async () => {
  const answer = await h.deps.db.$transaction(async (tx) => {
    await lockZone(tx, 'zone');
    const placed = codeOf(h.place());
    await expect.poll(async () => (await waiters()).length).toBe(1);
    // Without a number it is not among those that a reader of events waits for.
    expect(await waiters()).toEqual([{ xid: null }]);
    return placed;
  }, LONGER_THAN_THE_LOCK);
  expect(answer).toBe('TOO_MANY_REQUESTS');
  expect(await h.deps.db.server.count()).toBe(0);
  expect(await codeOf(h.place())).toBe('none');
});

it('what is sold of a host is what stands on it', async () => {
  const servers = await h.deps.db.server.count();
  expect(await roomOfHosts(h.deps, 'zone')).toMatchObject([
    {
      open: true,
      servers,
      vcpu: { sold: servers, sellable: 64, physical: 8 },
      memoryMiB: { sold: 512 * servers, sellable: 16_384 - 2048, physical: 16_384 },
      diskGiB: { sold: 5 * servers, sellable: 380, physical: 200 },
    },
  ]);
  expect(await roomOfHosts(h.deps, 'elsewhere')).toEqual([]);
});
