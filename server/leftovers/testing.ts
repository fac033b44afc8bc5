/** For the rules' tests: a small world in which nothing is wrong, to be changed by one fault. */
import type { Kind, Machine, Thing } from './machine.ts';
import type { Rows, ServerRow } from './rows.ts';
import { findViolations } from './rules.ts';
import { counts } from './things.ts';

export const HOST = 'hst_one';
/** A running one, one at rest, one that was given back. */
export const RUNS = 'aaaaaaaaaa';
export const RESTS = 'bbbbbbbbbb';
export const GONE = 'cccccccccc';
export const NOBODY = 'zzzzzzzzzz';

/** A test changes what it likes. */
type Mutable = {
  -readonly [K in keyof Machine]: Exclude<Machine[K], null> extends readonly (infer T)[] ? Writable<T>[] : Machine[K];
};
type Writable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };
export type World = { machines: [Mutable & { tombstones: Map<string, number> }, ...Machine[]]; rows: Rows };

const row = (id: string, n: number): ServerRow => ({
  id,
  domainUuid: `uuid-${id}`,
  intended: 'running',
  generation: 3,
  needsAttention: false,
  alive: true,
  removed: false,
  placements: [{ hostId: HOST, observed: 'running', reason: 'booted', generation: 3 }],
  volumes: [`vol_${id}`],
  v4: [`10.77.0.${n}`],
  v6: [`fd77::${n}`],
  macs: [`52:54:00:00:00:0${n}`],
  subscription: 'active',
});

const thingsOf = (id: string, kinds: Kind[]): Thing[] =>
  kinds.map((kind) => ({ kind, name: kind === 'disk' ? `vol_${id}` : `${kind}/${id}`, serverId: id }));
const atRest: Kind[] = ['disk', 'filter', 'lease', 'note', 'serial folder', 'definition', 'tombstone'];
const whileRunning: Kind[] = [
  ...['process', 'binding', 'tap', 'chain', 'jump', 'run', 'socket folder', 'runtime file', 'cgroup', 'seed'],
  ...['socket', 'socket', 'socket'],
] as Kind[];

export function world(): World {
  const runs = row(RUNS, 1);
  const rests: ServerRow = {
    ...row(RESTS, 2),
    intended: 'stopped',
    placements: [{ hostId: HOST, observed: 'off', reason: 'destroyed', generation: 3 }],
  };
  const gone: ServerRow = {
    ...row(GONE, 3),
    alive: false,
    removed: true,
    placements: [],
    volumes: [],
    v4: [],
    v6: [],
    subscription: 'ended',
  };
  const living = [runs, rests];
  const domain = (id: string, state: string) => ({ name: id, uuid: `uuid-${id}`, state, generation: 3 });
  return {
    machines: [
      {
        hostId: HOST,
        looked: new Set(Object.keys(counts) as Kind[]),
        domains: [domain(RUNS, 'running'), domain(RESTS, 'off')],
        things: [
          ...thingsOf(RUNS, [...atRest, ...whileRunning]),
          ...thingsOf(RESTS, atRest),
          ...thingsOf(GONE, ['tombstone']),
          // Of another stack on the same machine.
          { kind: 'cgroup', name: 'qemu-1', serverId: NOBODY },
        ],
        addresses: living.flatMap(({ id, v4, v6 }) =>
          (['filter', 'lease'] as const).map((where) => ({ in: where, serverId: id, addresses: [...v4, ...v6] })),
        ),
        neighbours: living.flatMap(({ v4, v6, macs: [mac = ''] }) => [
          ...[...v4, ...v6].map((address) => ({ address, mac, linkLocal: false })),
          { address: `fe80::${mac}`, mac, linkLocal: true },
        ]),
        tombstones: new Map([
          [RUNS, 2],
          [RESTS, 1],
          [GONE, 3],
        ]),
        leaseDaemons: 1,
      },
    ],
    rows: {
      servers: [runs, rests, gone],
      operations: [],
      doubleHolds: [],
      tickets: [],
      consoles: [],
      screens: [],
      workflows: [],
    },
  };
}

export const look = ({ machines, rows }: World) => findViolations(machines, rows);
export const kindsOf = (faulty: World) => look(faulty).map(({ kind, id }) => `${kind} ${id}`);
export const serverOf = ({ rows }: World, id: string) => rows.servers.find((server) => server.id === id)!;
export const domainOf = ({ machines: [{ domains }] }: World, id: string) => domains.find(({ name }) => name === id)!;
