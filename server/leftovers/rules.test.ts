/** A checker that cannot turn red proves nothing: each rule meets a fault of its own, one at a time. */
import { expect, test } from 'vitest';
import type { ServerRow } from './rows.ts';
import { domainOf, GONE, HOST, kindsOf, look, RESTS, RUNS, serverOf, type World, world } from './testing.ts';

const change = (id: string, fields: Partial<ServerRow>) => (faulty: World) =>
  Object.assign(serverOf(faulty, id), fields);
const operation = {
  id: 'op_1',
  kind: 'stop',
  state: 'failed',
  attempt: 1,
  openAttempts: [],
  runningSteps: [],
  openAudits: [],
};

test.each<[string, (faulty: World) => unknown, string[]]>([
  // The body.
  ['a lost domain', ({ machines: [machine] }) => machine.domains.pop(), [`domain ${RESTS}`]],
  ['two domains', (w) => w.machines[0].domains.push(domainOf(w, RESTS)), [`domain ${RESTS}`]],
  [
    'a second domain on another host',
    (w) => {
      const there = {
        ...w.machines[0],
        hostId: 'hst_two',
        domains: [domainOf(w, RESTS)],
        things: [],
        neighbours: null,
      };
      w.machines.push({ ...there, addresses: null, tombstones: new Map() });
    },
    [`domain ${RESTS}`, `domain ${RESTS}`],
  ],
  [
    'a domain on a host that is not its place',
    (w) => (w.machines[0].hostId = 'hst_two'),
    [`domain ${RUNS}`, `domain ${RESTS}`],
  ],
  ['another uuid', (w) => (domainOf(w, RUNS).uuid = 'other'), [`domain ${RUNS}`]],
  ['a domain without metadata', (w) => (domainOf(w, RUNS).generation = null), [`domain ${RUNS}`]],
  ['a domain of a generation that nobody wished', (w) => (domainOf(w, RUNS).generation = 4), [`domain ${RUNS}`]],
  [
    'a domain of one that is gone',
    (w) => w.machines[0].domains.push({ ...domainOf(w, RESTS), name: GONE }),
    [`domain ${GONE}`],
  ],
  [
    'a domain of nobody',
    (w) => w.machines[0].domains.push({ ...domainOf(w, RESTS), name: 'alpine' }),
    ['domain alpine'],
  ],
  ['a paused domain', (w) => (domainOf(w, RUNS).state = 'paused'), [`state ${RUNS}`]],
  // Intended, observed, effective.
  ['one that should rest and runs', change(RUNS, { intended: 'stopped' }), [`intended ${RUNS}`]],
  ['one that should run and rests', change(RESTS, { intended: 'running' }), [`intended ${RESTS}`]],
  [
    'a database that says another state',
    (w) => (serverOf(w, RUNS).placements[0]!.observed = 'off'),
    [`observed ${RUNS}`],
  ],
  // What it holds.
  ['no place', change(RUNS, { placements: [] }), [`placement ${RUNS}`]],
  ['two places', (w) => serverOf(w, RUNS).placements.push(serverOf(w, RUNS).placements[0]!), [`placement ${RUNS}`]],
  ['a disk of another name', change(RUNS, { volumes: ['vol_other'] }), [`disk ${RUNS}`]],
  ['two volume rows', change(RUNS, { volumes: [`vol_${RUNS}`, 'vol_2'] }), [`disk ${RUNS}`, `volume ${RUNS}`]],
  ['no IPv4', change(RUNS, { v4: [] }), [`hold ${RUNS}`, `neighbour ${RUNS}`]],
  ['two IPv6', change(RUNS, { v6: ['fd77::1', 'fd77::9'] }), [`hold ${RUNS}`, `neighbour ${RUNS}`]],
  ['no interface', change(RUNS, { macs: [] }), [`vif ${RUNS}`]],
  ['a subscription that ended', change(RUNS, { subscription: 'ended' }), [`subscription ${RUNS}`]],
  ['a living one that is buried', (w) => w.machines[0].tombstones.set(RUNS, 3), [`tombstone ${RUNS}`]],
  // Its addresses on the host.
  [
    'a filter with a foreign address',
    ({ machines: [m] }) => m.addresses[0]!.addresses.push('10.77.0.9'),
    [`filter ${RUNS}`],
  ],
  ['a lease without an address', ({ machines: [m] }) => m.addresses[1]!.addresses.pop(), [`lease ${RUNS}`]],
  ['a lost neighbour entry', ({ machines: [m] }) => m.neighbours.shift(), [`neighbour ${RUNS}`]],
  ['a lost entry of the link-local address', ({ machines: [m] }) => m.neighbours.pop(), [`neighbour ${RESTS}`]],
  [
    'a neighbour entry for what it does not hold',
    ({ machines: [m] }) => m.neighbours.push({ address: '10.77.0.9', mac: '52:54:00:00:00:01', linkLocal: false }),
    [`neighbour ${RUNS}`],
  ],
  [
    'a neighbour entry of one that is gone',
    ({ machines: [m] }) => m.neighbours.push({ address: '10.77.0.3', mac: '52:54:00:00:00:03', linkLocal: false }),
    ['neighbour 10.77.0.3'],
  ],
  // One that is gone.
  ['an address still held', change(GONE, { v4: ['10.77.0.3'] }), [`hold ${GONE}`]],
  [
    'a place still open',
    change(GONE, { placements: [{ hostId: HOST, observed: 'absent', reason: 'none', generation: 3 }] }),
    [`placement ${GONE}`],
  ],
  ['a volume row', change(GONE, { volumes: ['vol_x'] }), [`volume ${GONE}`]],
  ['an active subscription', change(GONE, { subscription: 'active' }), [`subscription ${GONE}`]],
  [
    'no tombstone',
    (w) => (w.machines[0].things = w.machines[0].things.filter(({ serverId }) => serverId !== GONE)),
    [`tombstone ${GONE}`],
  ],
  ['a tombstone of the future', (w) => w.machines[0].tombstones.set(GONE, 4), [`tombstone ${GONE}`]],
  // The host.
  ['no dnsmasq', ({ machines: [m] }) => (m.leaseDaemons = 0), [`dnsmasq ${HOST}`]],
  ['two dnsmasqs', ({ machines: [m] }) => (m.leaseDaemons = 2), [`dnsmasq ${HOST}`]],
  // The rows.
  ...['queued', 'running', 'stuck'].map((state): [string, (w: World) => unknown, string[]] => [
    `an operation that is ${state}`,
    ({ rows }) => {
      rows.operations.push({ ...operation, state, openAttempts: [1], runningSteps: ['ask'] });
      rows.workflows?.push({ id: 'op_1:1', status: 'PENDING' });
    },
    state === 'stuck' ? ['operation op_1', 'attempt op_1', 'step op_1'] : ['operation op_1'],
  ]),
  [
    'an operation at which nobody works',
    ({ rows }) => rows.operations.push({ ...operation, state: 'queued' }),
    ['operation op_1', 'workflow op_1'],
  ],
  ['an open attempt', ({ rows }) => rows.operations.push({ ...operation, openAttempts: [2] }), ['attempt op_1']],
  [
    'an end that nobody wrote down',
    ({ rows }) => rows.operations.push({ ...operation, openAudits: [1] }),
    ['audit op_1'],
  ],
  [
    'a step that runs for ever',
    ({ rows }) => rows.operations.push({ ...operation, runningSteps: ['ask'] }),
    ['step op_1'],
  ],
  [
    'a workflow of an ended operation',
    ({ rows }) => rows.workflows?.push({ id: 'op_2:1', status: 'ENQUEUED' }),
    ['workflow op_2:1'],
  ],
  [
    'an address held twice',
    ({ rows }) => rows.doubleHolds.push({ address: '10.77.0.1', holds: 2 }),
    ['hold 10.77.0.1'],
  ],
  [
    'a ticket that nobody took',
    ({ rows }) => rows.tickets.push({ hash: 'h', serverId: RUNS, expired: true }),
    ['ticket h'],
  ],
  [
    'a ticket for one that is gone',
    ({ rows }) => rows.tickets.push({ hash: 'h', serverId: GONE, expired: false }),
    ['ticket h'],
  ],
  [
    'a console that its proxy left',
    ({ rows }) => rows.consoles.push({ id: 'c', serverId: RUNS, stale: true }),
    ['console c'],
  ],
  [
    'a console of one that is gone',
    ({ rows }) => rows.consoles.push({ id: 'c', serverId: GONE, stale: false }),
    ['console c'],
  ],
  ['the screen of one that is gone', ({ rows }) => rows.screens.push(GONE), [`screen ${GONE}`]],
])('%s', (_, plant, expected) => {
  const faulty = world();
  plant(faulty);
  const found = kindsOf(faulty);
  for (const one of expected) expect(found).toContain(one);
  // A sentence names what it is about, for whoever reads it at 3 a.m.
  for (const { id, sentence } of look(faulty)) expect(sentence).toContain(id);
});

test('a guest that went by itself, and one that a person must look at, may be off', () => {
  const self = world();
  change(RESTS, { intended: 'running' })(self);
  serverOf(self, RESTS).placements[0]!.reason = 'guest-shutdown';
  expect(look(self)).toEqual([]);
  const fallen = world();
  change(RESTS, { intended: 'running', needsAttention: true })(fallen);
  expect(look(fallen)).toEqual([]);
});
