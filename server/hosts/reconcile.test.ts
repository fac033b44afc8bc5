import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { leftovers } from '../operations/leftovers.ts';
import { codeOf, createHarness, type Harness } from '../operations/testing.ts';
import { ACCOUNT } from '../operations/testing-stock.ts';
import { requestPower } from '../servers/power.ts';
import { getServer } from '../servers/view.ts';
import { noteHostKeys } from './host-keys.ts';
import { holderOf } from './leases.ts';
import { removeReadSeeds, restartFallen } from './reconcile.ts';

vi.setConfig({ testTimeout: 60_000 });
let h: Harness;
let now = Date.now();
beforeAll(async () => {
  h = await createHarness();
  const { deps } = h;
  h.deps = { ...deps, clock: { now: () => new Date(now) } };
});
afterAll(() => h.drop());

const stateOf = async (id: string) => (await getServer(h.deps, ACCOUNT, id, 'owner')).state;
/** A round, and the operations that it asked for. */
async function round(): Promise<number> {
  now += 1000;
  await h.observe();
  await restartFallen(h.deps);
  const asked = await h.deps.db.operation.findMany({ where: { state: 'queued' } });
  for (const { id } of asked) await h.run(id);
  now += 1000;
  await h.observe();
  return asked.length;
}

test('a crash is restarted three times in ten minutes, then a person must look', async () => {
  const id = await h.running();
  for (let crash = 1; crash <= 3; crash++) {
    h.agent.guest.crashes(id);
    expect(await round()).toBe(1);
    expect(await stateOf(id)).toBe('running');
  }
  h.agent.guest.crashes(id);
  expect(await round()).toBe(0);
  expect(await stateOf(id)).toBe('needs-attention');
  expect(await round()).toBe(0);
  // The customer may try; the count begins anew.
  await h.run(await h.request('start', id));
  h.agent.guest.crashes(id);
  expect(await round()).toBe(1);
  expect(await leftovers(h)).toEqual([]);
});

test('after ten quiet minutes crashes are counted anew', async () => {
  const id = await h.running();
  for (let crash = 1; crash <= 5; crash++) {
    h.agent.guest.crashes(id);
    expect(await round()).toBe(1);
    now += 5 * 60_000;
  }
  expect(await stateOf(id)).toBe('running');
});

test('a start on an old reading is not made: meanwhile the customer had it forced off, or it runs again', async () => {
  const id = await h.running();
  h.agent.guest.crashes(id);
  await h.observe();
  const asRead = {
    action: 'start',
    serverId: id,
    accountId: ACCOUNT,
    role: null,
    input: { because: 'crash' },
  } as const;
  const byItself = () => requestPower(h.deps, { ...asRead, actor: { kind: 'system', id: null, requestId: null } });
  await h.run(await h.request('start', id));
  await h.run(await h.request('force-off', id));
  expect(await codeOf(byItself())).toBe('NOT_POSSIBLE');
  // Wanted again, but it is off for another reason than the one that was read.
  await h.deps.db.server.update({ where: { id }, data: { intended: 'running' } });
  expect(await codeOf(byItself())).toBe('NOT_POSSIBLE');
  expect(await stateOf(id)).toBe('stopped');
  await h.run(await h.request('delete', id));
});

test('two workers that see the same crash start it once', async () => {
  const id = await h.running();
  h.agent.guest.crashes(id);
  now += 1000;
  await h.observe();
  await Promise.all([restartFallen(h.deps), restartFallen(h.deps)]);
  const asked = await h.deps.db.operation.findMany({ where: { serverId: id, state: 'queued' } });
  expect(asked).toHaveLength(1);
  expect(asked[0]).toMatchObject({ kind: 'start', actorKind: 'system' });
  expect((await h.deps.db.server.findUniqueOrThrow({ where: { id } })).crashCount).toBe(1);
  await h.run(asked[0]!.id);
});

test('a guest that shut itself down stays down', async () => {
  const id = await h.running();
  h.agent.guest.powersItselfOff(id);
  expect(await round()).toBe(0);
  expect(await stateOf(id)).toBe('stopped-by-guest');
});

test('after the host has booted, what should run is started and nothing else', async () => {
  for (const { id } of await h.deps.db.server.findMany({ where: { deletedAt: null } }))
    await h.run(await h.request('delete', id));
  const [on, off, self] = [await h.running(), await h.running(), await h.running()];
  await h.run(await h.request('force-off', off));
  h.agent.guest.powersItselfOff(self);
  h.agent.host.reboots();
  await h.deps.db.host.updateMany({ data: { bootId: h.agent.host.bootId } });
  expect(await round()).toBe(1);
  expect([await stateOf(on), await stateOf(off), await stateOf(self)]).toEqual([
    'running',
    'stopped',
    'stopped-by-guest',
  ]);
  await h.run(await h.request('delete', self));
  expect(await leftovers(h)).toEqual([]);
});

test('the seed is taken away once, ten minutes after the first start', async () => {
  for (const { id } of await h.deps.db.server.findMany({ where: { deletedAt: null } }))
    await h.run(await h.request('delete', id));
  const id = await h.running();
  expect(await removeReadSeeds(h.deps)).toBe(0);
  now += 11 * 60_000;
  expect(await removeReadSeeds(h.deps)).toBe(1);
  expect(h.agent.bodies.get(id)?.seed).toBe(false);
  expect(await removeReadSeeds(h.deps)).toBe(0);
});

test('host keys are asked for until the guest has said them, for an hour', async () => {
  for (const { id } of await h.deps.db.server.findMany({ where: { deletedAt: null } }))
    await h.run(await h.request('delete', id));
  await h.deps.db.host.updateMany({ data: { contractVersion: 3, lastContactAt: h.deps.clock.now() } });
  const [early, late] = [await h.running(), await h.running()];
  const keysOf = async (id: string) => (await getServer(h.deps, ACCOUNT, id, 'owner')).hostKeys;
  const say = (id: string, letter: string) => {
    const keys = [{ type: 'ED25519' as const, sha256: letter.repeat(43) }];
    h.agent.guest.hostKeys.set(id, keys);
    return keys;
  };
  expect(await noteHostKeys(h.deps)).toBe(0);
  expect(await keysOf(early)).toEqual([]);
  const said = say(early, 'a');
  expect(await noteHostKeys(h.deps)).toBe(1);
  expect(await keysOf(early)).toEqual(said);
  expect(await h.deps.db.event.count({ where: { subject: `server:${early}`, kind: 'host-keys' } })).toBe(1);
  // What it says afterwards changes nothing: whoever is root in the guest could write it.
  say(early, 'b');
  expect(await noteHostKeys(h.deps)).toBe(0);
  expect(await keysOf(early)).toEqual(said);

  say(late, 'c');
  now += 61 * 60_000;
  await h.deps.db.host.updateMany({ data: { lastContactAt: h.deps.clock.now() } });
  expect(await noteHostKeys(h.deps)).toBe(0);
  for (const id of [early, late]) await h.run(await h.request('delete', id));
});

test("one slot holds a duty, and only a dead slot's duties move", () => {
  const slots = ['worker-1', 'worker-2', 'worker-3'];
  const duties = Array.from({ length: 60 }, (_, n) => `watch:h${n}`);
  const before = duties.map((duty) => holderOf(duty, slots));
  expect(new Set(before)).toEqual(new Set(slots));
  for (const [n, duty] of duties.entries()) {
    if (before[n] !== 'worker-2') expect(holderOf(duty, ['worker-1', 'worker-3'])).toBe(before[n]);
  }
});
