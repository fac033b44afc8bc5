import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { canonical, Generations } from './generations.ts';
import { Tombstones } from './tombstones.ts';

const id = 'abcdefghij';
const DAY = 86_400_000;
let dataDir: string;
let time: number;
let tombstones: Tombstones;
let generations: Generations;
const reopen = async () => {
  tombstones = new Tombstones(dataDir, { now: () => time, monotonic: () => time });
  generations = new Generations(dataDir, tombstones);
  await tombstones.prepare();
  await generations.prepare();
};
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tsubo-generations-'));
  time = 1_000 * DAY;
  await reopen();
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

const at = (generation: number) => ({ serverId: id, generation });
const seed = (content: unknown) => ({ what: 'seed', content });
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'ok',
    (error: { code: string }) => error.code,
  );

describe('admit', () => {
  it('takes the same again, newer ones, and nothing older', async () => {
    expect(await codeOf(generations.admit(at(2), 0, seed('a')))).toBe('ok');
    expect(await codeOf(generations.admit(at(2), 0, seed('a')))).toBe('ok');
    expect(await codeOf(generations.admit(at(1), 0, seed('a')))).toBe('STALE_GENERATION');
    expect(await codeOf(generations.admit(at(3), 0, seed('b')))).toBe('ok');
    expect(await codeOf(generations.admit(at(2), 0, seed('a')))).toBe('STALE_GENERATION');
  });

  it('refuses other content at the same generation, also after a restart of the agent', async () => {
    await generations.admit(at(2), 0, seed({ a: 1, b: [1, 2] }));
    await reopen();
    expect(await codeOf(generations.admit(at(2), 0, seed({ b: [1, 2], a: 1 })))).toBe('ok');
    expect(await codeOf(generations.admit(at(2), 0, seed({ a: 1, b: [2, 1] })))).toBe('SPEC_CONFLICT');
    expect(await codeOf(generations.admit(at(2), 0, { what: 'network', content: 'x' }))).toBe('ok');
    expect(await codeOf(generations.admit(at(3), 0, seed({ a: 2 })))).toBe('ok');
  });

  it('believes the living domain where its own note is gone or behind', async () => {
    expect(await codeOf(generations.admit(at(4), 5))).toBe('STALE_GENERATION');
    await generations.admit(at(2), 0, seed('a'));
    expect(await codeOf(generations.admit(at(4), 5))).toBe('STALE_GENERATION');
    expect(await codeOf(generations.admit(at(5), 5))).toBe('ok');
    expect(await codeOf(generations.admit(at(4), 0))).toBe('STALE_GENERATION');
  });

  it('notes nothing for a server that does not exist and puts nothing', async () => {
    await generations.admit(at(2), 0);
    expect(await readdir(join(dataDir, 'state'))).toEqual([]);
  });

  it('orders the steps of a generation, also after a restart of the agent', async () => {
    const step = (generation: number, step: number) => ({ ...at(generation), step });
    await generations.admit(step(2, 4), 0, seed('a'));
    expect(await codeOf(generations.admit(step(2, 3), 2))).toBe('STALE_GENERATION');
    expect(await codeOf(generations.admit(step(2, 6), 2))).toBe('ok');
    await reopen();
    for (const put of [undefined, seed('a'), { what: 'network', content: 'x' }])
      expect(await codeOf(generations.admit(step(2, 5), 2, put))).toBe('STALE_GENERATION');
    expect(await codeOf(generations.admitRemoval(step(2, 5), 2))).toBe('STALE_GENERATION');
    expect(await codeOf(generations.admit(step(2, 6), 2))).toBe('ok');
    // Without a step it claims no place; and the place that was reached stays.
    expect(await codeOf(generations.admit(at(2), 2, { what: 'network', content: 'x' }))).toBe('ok');
    await generations.retract(at(2), seed('a'));
    expect(await codeOf(generations.admit(step(2, 5), 2))).toBe('STALE_GENERATION');
    // The same content at a higher step counts as well, and a newer generation begins anew.
    expect(await codeOf(generations.admit(step(2, 7), 2, { what: 'network', content: 'x' }))).toBe('ok');
    expect(await codeOf(generations.admit(step(2, 6), 2))).toBe('STALE_GENERATION');
    expect(await codeOf(generations.admit(step(3, 0), 2))).toBe('ok');
    expect(await codeOf(generations.admit(step(3, 1), 2))).toBe('ok');
    expect(await codeOf(generations.admit(step(3, 0), 2))).toBe('STALE_GENERATION');
  });

  it('forgets a content that was refused, and keeps the generation', async () => {
    await generations.admit(at(2), 0, seed('a'));
    await generations.retract(at(2), seed('a'));
    expect(await codeOf(generations.admit(at(1), 0, seed('b')))).toBe('STALE_GENERATION');
    expect(await codeOf(generations.admit(at(2), 0, seed('b')))).toBe('ok');
  });
});

describe('tombstones', () => {
  it('bury everything at or below them, and a removal may be repeated', async () => {
    await generations.admit(at(3), 0, seed('a'));
    await generations.admitRemoval(at(3), 3);
    await tombstones.put(id, 3);
    await generations.forget(id);
    for (const generation of [1, 2, 3]) expect(await codeOf(generations.admit(at(generation), 0))).toBe('GONE');
    expect(await codeOf(generations.admitRemoval(at(3), 0))).toBe('ok');
    expect(await codeOf(generations.admitRemoval(at(2), 0))).toBe('ok');
    expect(await codeOf(generations.admit(at(4), 0, seed('b')))).toBe('ok');
    expect(await codeOf(generations.admitRemoval(at(3), 0))).toBe('STALE_GENERATION');
  });

  it('stand after a restart, and never go back', async () => {
    await tombstones.put(id, 3);
    await tombstones.put(id, 2);
    await reopen();
    expect(await tombstones.generationOf(id)).toBe(3);
    expect(await tombstones.generationOf('bbbbbbbbbb')).toBe(0);
    await tombstones.put(id, 5);
    expect(await tombstones.generationOf(id)).toBe(5);
  });

  it('are forgotten after 90 days, not before', async () => {
    await tombstones.put(id, 3);
    time += 89 * DAY;
    expect(await tombstones.purge()).toBe(0);
    time += 2 * DAY;
    expect(await tombstones.purge()).toBe(1);
    expect(await tombstones.all()).toEqual([]);
  });

  it('are whole: a crash while writing leaves the old one, and its rest is swept', async () => {
    await tombstones.put(id, 3);
    await writeFile(join(dataDir, 'tombstones', '.tmp-0123'), '{"gener');
    await reopen();
    expect(await readdir(join(dataDir, 'tombstones'))).toEqual([id]);
    expect(JSON.parse(await readFile(join(dataDir, 'tombstones', id), 'utf8'))).toEqual({ generation: 3, at: time });
  });

  it('are an error, not nothing, where their file is broken', async () => {
    await writeFile(join(dataDir, 'tombstones', id), '');
    await expect(tombstones.generationOf(id)).rejects.toThrow();
  });
});

it.each([
  [{ b: 1, a: [{ d: 1, c: 2 }] }, '{"a":[{"c":2,"d":1}],"b":1}'],
  [{ a: undefined, b: null }, '{"b":null}'],
  ['x', '"x"'],
])('canonical %j', (value, text) => {
  expect(canonical(value)).toBe(text);
});
