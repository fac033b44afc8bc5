/** What people see of a revoked host and of the servers on it. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createHarness, type Harness } from '../operations/testing.ts';
import { ACCOUNT, HOST } from '../operations/testing-stock.ts';
import { getServer } from '../servers/view.ts';
import { zonesWithRoom } from './capacity.ts';
import { applyObservations } from './observe.ts';
import { revokeHost } from './revoke.ts';
import { listHosts } from './view.ts';

vi.setConfig({ testTimeout: 60_000 });
let h: Harness;
let serverId: string;
beforeAll(async () => {
  h = await createHarness();
  serverId = await h.running();
  await revokeHost(h.deps, { host: HOST, reason: 'stolen' });
});
afterAll(() => h.drop());

test('its servers are unknown, not stopped, and a late word of it changes nothing', async () => {
  const state = async () => (await getServer(h.deps, ACCOUNT, serverId, 'owner')).state;
  expect(await state()).toBe('unknown');
  const said = { serverId, state: 'off', reason: 'destroyed', generation: 1_000 } as const;
  const at = new Date(Date.now() + 60_000);
  expect(await applyObservations(h.deps, { hostId: HOST, bootId: null, at, observations: [said] })).toEqual([]);
  expect(await state()).toBe('unknown');
  expect((await h.deps.db.placement.findFirstOrThrow({ where: { serverId } })).observed).toBe('running');
});

test('staff see why, nothing new is placed there, and open pages are told', async () => {
  const [host] = await listHosts(h.deps);
  expect(host).toMatchObject({ silent: true, certificate: { state: 'revoked', reason: 'stolen' } });
  const plans = await h.deps.db.plan.findMany();
  for (const zones of (await zonesWithRoom(h.deps, plans)).values()) expect(zones).toEqual([]);
  const events = await h.deps.db.event.findMany({ where: { kind: 'revoked' } });
  expect(events.map(({ subject }) => subject).sort()).toEqual([`host:${HOST}`, `server:${serverId}`]);
  const [audit] = await h.deps.db.audit.findMany({ where: { action: 'hosts.revoke' } });
  expect(audit).toMatchObject({ subject: `host:${HOST}`, reason: 'stolen', actorKind: 'system', actorId: 'admin' });
});

test('a host that does not exist', async () => {
  await expect(revokeHost(h.deps, { host: 'nobody', reason: 'x' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
