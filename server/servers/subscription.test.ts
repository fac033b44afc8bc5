/** What is billed of a server, and what its page says of it. */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { retryOperation } from '../operations/staff.ts';
import { createHarness, type Harness, hostError } from '../operations/testing.ts';
import { ACCOUNT } from '../operations/testing-stock.ts';
import { getServer } from './view.ts';

vi.setConfig({ testTimeout: 30_000 });

const DAY_MS = 24 * 3_600_000;
const staff = { kind: 'staff', id: null, requestId: null, reason: 'x' } as const;

let h: Harness;
beforeAll(async () => {
  h = await createHarness();
});
afterAll(() => h.drop());
afterEach(async () => {
  await shift(0);
  for (const { id } of await h.deps.db.server.findMany({ where: { deletedAt: null } }))
    await h.run(await h.request('delete', id));
});

/** The business clock, so many days ahead. */
const shift = (days: number) =>
  h.deps.db.businessClock.upsert({
    where: { id: 1 },
    create: { id: 1, offsetMs: days * DAY_MS },
    update: { offsetMs: days * DAY_MS },
  });
const now = (days: number) => new Date(h.deps.clock.now().getTime() + days * DAY_MS);
/** The day in Japan. */
const day = (instant: Date) => new Date(instant.getTime() + 9 * 3_600_000).toISOString().slice(0, 10);
const subscriptionOf = async (serverId: string) => {
  const row = await h.deps.db.subscription.findUniqueOrThrow({ where: { serverId } });
  return { ...row, startDate: row.startDate.toISOString().slice(0, 10) };
};
const view = (serverId: string) => getServer(h.deps, ACCOUNT, serverId, 'owner');

describe('a create', () => {
  it('begins the first term when it has succeeded', async () => {
    const { serverId, operationId } = await h.place();
    const ordered = await subscriptionOf(serverId);
    expect(ordered).toMatchObject({ state: 'active', activatedAt: null, startDate: day(ordered.orderedAt) });
    // On its way: the page says what the order said.
    expect((await view(serverId)).nextRenewal).not.toBeNull();
    await h.run(operationId);
    const { activatedAt, startDate } = await subscriptionOf(serverId);
    expect(startDate).toBe(day(activatedAt ?? new Date(0)));
  });

  it.each([
    ['failed', () => h.agent.inject({ call: 'putVolume', when: 'before', error: hostError('HYPERVISOR') })],
    [
      'stuck',
      () => {
        h.agent.inject({ call: 'putVolume', when: 'before', error: hostError('HYPERVISOR') });
        h.agent.inject({ call: 'removeServer', when: 'before', error: hostError('HYPERVISOR') });
      },
    ],
  ])('that %s has delivered nothing; tried again after 40 days, nothing of them is billed', async (state, hurt) => {
    const { serverId, operationId } = await h.place();
    const { orderedAt } = await subscriptionOf(serverId);
    hurt();
    expect(await h.run(operationId)).toBe(state);
    expect(await subscriptionOf(serverId)).toMatchObject({ activatedAt: null, cancelRequestedAt: null });
    expect((await view(serverId)).nextRenewal).toBeNull();

    await shift(40);
    await retryOperation(h.deps, { operationId, actor: staff });
    expect(await h.run(operationId)).toBe('succeeded');
    const after = await subscriptionOf(serverId);
    expect(after).toMatchObject({ state: 'active', endedAt: null, orderedAt, startDate: day(now(40)) });
    expect(after.activatedAt?.getTime()).toBeGreaterThan(orderedAt.getTime() + 39 * DAY_MS);
  });
});

describe('giving back', () => {
  it('counts from the request: a host that is away over the renewal sells no other term', async () => {
    const serverId = await h.running();
    h.agent.inject({ call: 'removeServer', when: 'before', error: hostError('HYPERVISOR') });
    const operationId = await h.request('delete', serverId);
    expect(await h.run(operationId)).toBe('stuck');
    const asked = await subscriptionOf(serverId);
    expect(asked).toMatchObject({ state: 'active', endedAt: null });
    expect(asked.cancelRequestedAt).not.toBeNull();
    expect((await view(serverId)).nextRenewal).toBeNull();

    await shift(40);
    await retryOperation(h.deps, { operationId, actor: staff });
    expect(await h.run(operationId)).toBe('succeeded');
    const ended = await subscriptionOf(serverId);
    expect(ended).toMatchObject({ state: 'ended', cancelRequestedAt: asked.cancelRequestedAt });
    expect(ended.endedAt?.getTime()).toBeGreaterThan(now(39).getTime());
    // What was returned is not what was never delivered.
    expect(ended.activatedAt).not.toBeNull();
  });
});

it('the price of a term is the one that holds on its first day', async () => {
  const serverId = await h.running();
  const fromDate = new Date(`${day(now(10))}T00:00:00Z`);
  await h.deps.db.planPrice.create({ data: { id: 'dearer', planId: 'plan', fromDate, yen: 1000 } });
  try {
    expect(await view(serverId)).toMatchObject({ monthlyYenWithTax: 550 });
    await shift(20);
    expect(await view(serverId)).toMatchObject({ monthlyYenWithTax: 550 });
    await shift(40);
    expect(await view(serverId)).toMatchObject({ monthlyYenWithTax: 1100 });
  } finally {
    await h.deps.db.planPrice.delete({ where: { id: 'dearer' } });
  }
});
