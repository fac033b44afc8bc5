import { beforeEach, expect, it } from 'vitest';
import type { Body } from './driver.ts';
import { KeyedMutex } from './mutex.ts';
import type { Parts } from './parts.ts';
import { Recovery } from './recovery.ts';

const ids = ['aaaaaaaaaa', 'bbbbbbbbbb'];
const bodyOf = (serverId: string) =>
  ({ serverId, generation: 1, spec: { vifs: [] }, seen: { state: 'off', reason: 'none' } }) as unknown as Body;

/** What was done, in order; and what throws at its next turn. */
let done: string[];
let failing: Set<string>;
let bodies: Set<string>;
let tombstones: Set<string>;
let connected: boolean;
/** The check of the network waits for it. */
let held: Promise<void>;
let recovery: Recovery;

async function act(what: string): Promise<void> {
  if (failing.delete(what)) throw new Error(`${what} fails`);
  done.push(what);
}

beforeEach(() => {
  [connected, held] = [true, Promise.resolve()];
  [done, failing, bodies, tombstones] = [[], new Set(), new Set(ids), new Set()];
  const nothing = async () => {};
  const parts = {
    hypervisor: {
      get connected() {
        return connected;
      },
      list: async () => {
        await act('list');
        return [...bodies].map(bodyOf);
      },
      look: async (id: string) => (bodies.has(id) ? bodyOf(id) : null),
      undefine: async (id: string) => {
        await act(`undefine ${id}`);
        bodies.delete(id);
      },
    },
    network: {
      prepare: () => act('prepare'),
      put: ({ serverId }: { serverId: string }) => act(`put ${serverId}`),
      remove: async () => [],
      check: async () => {
        await act('check');
        await held;
        return ['warning'];
      },
    },
    tombstones: { all: async () => [...tombstones], generationOf: async () => 1 },
    generations: { all: async () => [], notedFor: async () => 1, forget: nothing },
    volumes: { servers: async () => [], removeAll: async () => [] },
    seeds: { servers: async () => [], remove: async () => false },
    paths: { remove: nothing },
    remnants: { all: async () => [], remove: nothing },
    watch: { idle: nothing },
    runs: { forget: nothing },
    mutex: new KeyedMutex(),
    log: { info: () => {}, warn: () => {} },
  } as unknown as Parts;
  recovery = new Recovery(parts, {
    sweep: async () => {
      await act('sweep');
      return [];
    },
  });
});

const round = async () => {
  done = [];
  await recovery.round();
  return done.filter((what) => what !== 'list');
};
const guards = ids.map((id) => `put ${id}`);

it('makes and keeps the network before libvirt was there, and while it is away', async () => {
  connected = false;
  expect(await round()).toEqual(['prepare', 'check']);
  expect(recovery.networkReady).toBe(true);
  expect(done).not.toContain('list');
  expect(await round()).toEqual(['check']);
  connected = true;
  recovery.connected();
  await recovery.idle();
  expect(await round()).toEqual(['check', 'sweep']);
  connected = false;
  expect(await round()).toEqual(['check']);
});

it('rounds do not pile up: who asks during one gets one more, however often; who only looks around gets none', async () => {
  recovery.connected();
  await recovery.idle();
  done = [];
  let goOn = () => {};
  held = new Promise((resolve) => {
    goOn = resolve;
  });
  recovery.lookAround();
  await expect.poll(() => done).toContain('check');
  for (let i = 0; i < 3; i++) recovery.lookAround();
  goOn();
  await recovery.idle();
  expect(done.filter((what) => what === 'check')).toHaveLength(1);

  for (let i = 0; i < 3; i++) void recovery.round();
  await recovery.idle();
  expect(done.filter((what) => what === 'check')).toHaveLength(3);
});

it('prepares and guards once for each connection; removals, the check and staged disks come in every round', async () => {
  recovery.connected();
  await recovery.idle();
  expect(done.filter((what) => what !== 'list')).toEqual(['prepare', ...guards, 'check', 'sweep']);
  expect(recovery).toMatchObject({ networkReady: true, warnings: ['warning'] });
  expect(await round()).toEqual(['check', 'sweep']);
  tombstones.add(ids[0]!);
  expect(await round()).toEqual([`undefine ${ids[0]}`, 'check', 'sweep']);
  done = [];
  recovery.connected();
  await recovery.idle();
  expect(done).toContain('prepare');
  expect(done).toContain(guards[1]);
});

it('goes on in the next round with what failed: the network itself', async () => {
  failing.add('prepare');
  recovery.connected();
  expect(await round()).toEqual(['prepare', ...guards, 'check', 'sweep']);
});

it('goes on in the next round with what failed: the list of servers', async () => {
  failing.add('list');
  recovery.connected();
  await recovery.idle();
  expect(done).toEqual(['prepare', 'list', ...guards, 'check', 'sweep']);

  failing.add('list');
  recovery.connected();
  failing.add(guards[1]!);
  await recovery.idle();
  expect(await round()).toEqual([guards[1], 'check', 'sweep']);
  expect(await round()).toEqual(['check', 'sweep']);
});

it('goes on in the next round with what failed: a removal', async () => {
  tombstones.add(ids[1]!);
  failing.add(`undefine ${ids[1]}`);
  recovery.connected();
  await recovery.idle();
  expect(await round()).toEqual([`undefine ${ids[1]}`, 'check', 'sweep']);
});

it('one part that fails keeps no other', async () => {
  for (const what of ['check', 'sweep']) failing.add(what);
  recovery.connected();
  await recovery.idle();
  expect(done.filter((what) => what !== 'list')).toEqual(['prepare', ...guards]);
  expect(await round()).toEqual(['check', 'sweep']);
});

it('ends with the agent', async () => {
  recovery.connected();
  await recovery.close();
  expect(await round()).toEqual([]);
});
