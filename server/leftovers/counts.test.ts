/** Each kind of thing: one too few, one too many, of one that is gone, of nobody. */
import { expect, test } from 'vitest';
import type { Kind } from './machine.ts';
import { findViolations } from './rules.ts';
import { GONE, kindsOf, look, NOBODY, RESTS, RUNS, world } from './testing.ts';
import { counts } from './things.ts';

test('a whole world has no violations', () => {
  expect(look(world())).toEqual([]);
});

/** What a server that rests may have or not have. */
const optional = (kind: Kind, condition: 'running' | 'off') => counts[kind][condition][0] === 0;

test.each((Object.keys(counts) as Kind[]).flatMap((kind) => [RUNS, RESTS].map((id) => [kind, id] as const)))(
  'a missing %s of a living server (%s) is lost, where it must have one',
  (kind, id) => {
    const faulty = world();
    const [machine] = faulty.machines;
    machine.things = machine.things.filter((thing) => !(thing.kind === kind && thing.serverId === id));
    const found = kindsOf(faulty);
    if (optional(kind, id === RUNS ? 'running' : 'off')) expect(found).toEqual([]);
    else expect(found).toContain(`${kind} ${id}`);
  },
);

/** Of these a running one may have many, and one at rest as many as it had. */
const many: Kind[] = ['chain', 'jump', 'runtime file', 'cgroup'];

test.each(Object.keys(counts) as Kind[])('one %s too many is a double, a leftover or nobody’s', (kind) => {
  const extra = (serverId: string | null) => {
    const faulty = world();
    faulty.machines[0].things.push({ kind, name: `${kind}/extra`, serverId });
    if (kind === 'socket' && serverId === RESTS)
      for (const n of [1, 2, 3]) faulty.machines[0].things.push({ kind, name: `${n}`, serverId });
    // At rest it may have one of these, not two.
    if (counts[kind].off[1] === 1) faulty.machines[0].things.push({ kind, name: `${kind}/more`, serverId });
    return kindsOf(faulty);
  };
  if (!many.includes(kind)) expect(extra(RUNS)).toContain(`${kind} ${RUNS}`);
  expect(extra(RESTS)).toContain(`${kind} ${RESTS}`);
  expect(extra(GONE)).toContain(`${kind} ${GONE}`);
  if (kind !== 'cgroup') {
    expect(extra(NOBODY)).toContain(`${kind} ${NOBODY}`);
    expect(extra(null)).toContain(`${kind} ${kind}/extra`);
  }
});

test('what a reader did not look for is not missing', () => {
  const { machines, rows } = world();
  const [machine] = machines;
  const blind = {
    ...machine,
    looked: new Set<Kind>(),
    things: [],
    addresses: null,
    neighbours: null,
    leaseDaemons: null,
  };
  expect(findViolations([blind], { ...rows, workflows: null })).toEqual([]);
});
