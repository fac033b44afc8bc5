import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Observation } from '../../compute-agent/contract/shapes.ts';
import { createHarness, type Harness } from '../operations/testing.ts';
import { ACCOUNT, HOST } from '../operations/testing-stock.ts';
import { getServer } from '../servers/view.ts';
import { applyInventory, applyObservations } from './observe.ts';

vi.setConfig({ testTimeout: 60_000 });
let h: Harness;
let serverId: string;
beforeAll(async () => {
  h = await createHarness();
  serverId = await h.running();
});
afterAll(() => h.drop());

const placement = () => h.deps.db.placement.findFirstOrThrow({ where: { serverId } });
const later = (ms: number) => new Date(Date.now() + ms);
const say = (at: Date, over: Partial<Observation>, bootId: string | null = null) =>
  applyObservations(h.deps, {
    hostId: HOST,
    bootId,
    at,
    observations: [{ serverId, state: 'running', reason: 'booted', generation: 1, ...over }],
  });

describe('a word counts only if it is not older than what is known', () => {
  test('by time: an answer that was overtaken changes nothing', async () => {
    await say(later(1000), { state: 'off', reason: 'guest-shutdown' });
    expect(await say(later(500), { state: 'running' })).toEqual([]);
    expect(await placement()).toMatchObject({ observed: 'off', reason: 'guest-shutdown' });
  });

  test('by generation: an older body says nothing any more', async () => {
    await say(later(2000), { state: 'running', generation: 5 });
    await say(later(3000), { state: 'off', reason: 'destroyed', generation: 4 });
    expect(await placement()).toMatchObject({ observed: 'running', generation: 5 });
  });

  test('by boot: what was said before the host booted is over', async () => {
    await h.deps.db.host.update({ where: { id: HOST }, data: { bootId: 'boot-new' } });
    await say(later(4000), { state: 'crashed', reason: 'crashed', generation: 5 }, 'boot-old');
    expect(await placement()).toMatchObject({ observed: 'running' });
    await say(later(4000), { state: 'off', reason: 'host-boot', generation: 5 }, 'boot-new');
    expect(await placement()).toMatchObject({ observed: 'off', reason: 'host-boot', bootId: 'boot-new' });
  });

  test('the same again tells nobody; a reason that the agent forgot is kept', async () => {
    const events = () => h.deps.db.event.count({ where: { subject: `server:${serverId}` } });
    await say(later(5000), { state: 'off', reason: 'guest-shutdown', generation: 5 });
    const before = await events();
    await say(later(6000), { state: 'off', reason: 'none', generation: 5 });
    await say(later(6000), { state: 'off', reason: 'guest-shutdown', generation: 5 });
    expect(await events()).toBe(before);
    expect((await getServer(h.deps, ACCOUNT, serverId, 'owner')).state).toBe('stopped-by-guest');
  });

  test('of several words in one log the last one holds', async () => {
    const word = (state: 'off' | 'running') => ({ serverId, state, reason: 'none' as const, generation: 5 });
    await applyObservations(h.deps, {
      hostId: HOST,
      bootId: null,
      at: later(7000),
      observations: [word('off'), word('running')],
    });
    expect(await placement()).toMatchObject({ observed: 'running' });
  });

  test('another host cannot speak about this server', async () => {
    await applyObservations(h.deps, {
      hostId: 'hst_other',
      bootId: null,
      at: later(9000),
      observations: [{ serverId, state: 'absent', reason: 'none', generation: 9 }],
    });
    expect(await placement()).toMatchObject({ observed: 'running' });
  });
});

describe('inventory', () => {
  test('what it does not name is absent, what nobody knows is reported', async () => {
    const strangers = await applyInventory(h.deps, {
      hostId: HOST,
      bootId: null,
      at: later(10_000),
      observations: [{ serverId: 'zzzzzzzzzz', state: 'running', reason: 'booted', generation: 1 }],
    });
    expect(strangers).toEqual(['zzzzzzzzzz']);
    expect(await placement()).toMatchObject({ observed: 'absent' });
    expect((await getServer(h.deps, ACCOUNT, serverId, 'owner')).state).toBe('needs-attention');
  });

  test('a server whose domain is still to be made is not absent', async () => {
    const { serverId: young } = await h.place();
    await applyInventory(h.deps, { hostId: HOST, bootId: null, at: later(11_000), observations: [] });
    expect(await h.deps.db.placement.findFirstOrThrow({ where: { serverId: young } })).toMatchObject({
      observed: 'unknown',
    });
  });
});
