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
let recovery: Recovery;

async function act(what: string): Promise<void> {
  if (failing.delete(what)) throw new Error(`${what} fails`);
  done.push(what);
}

beforeEach(() => {
  [done, failing, bodies, tombstones] = [[], new Set(), new Set(ids), new Set()];
  const nothing = async () => {};
  const parts = {
    hypervisor: {
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
        return ['warning'];
      },
    },
    tombstones: { all: async () => [...tombstones], generationOf: async () => 1 },
    generations: { all: async () => [], notedFor: async () => 1, forget: nothing },
    volumes: { servers: async () => [], removeAll: async () => [] },
    seeds: { servers: async () => [], remove: async () => false },
    paths: { remove: nothing },
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

it('does nothing before libvirt was there', async () => {
  expect(await round()).toEqual([]);
  expect(recovery.networkReady).toBe(false);
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
