import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Runs } from './runs.ts';

const id = 'abcdefghij';
const unknown = { state: 'off', reason: 'unknown' } as const;
let dataDir: string;
const open = async (bootId: string) => {
  const runs = new Runs(dataDir, bootId);
  await runs.prepare();
  return runs;
};
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tsubo-runs-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

it('knows nothing of what never ran', async () => {
  expect(await (await open('a')).refine(id, unknown)).toBe('none');
});

it('remembers how a run ended when libvirtd has forgotten it', async () => {
  await (await open('a')).started(id);
  await (await open('a')).ended(id, 'guest-shutdown');
  expect(await (await open('a')).refine(id, unknown)).toBe('guest-shutdown');
});

it('after the host booted: what ran then, or had fallen, was ended by that', async () => {
  await (await open('a')).started(id);
  expect(await (await open('b')).refine(id, unknown)).toBe('host-boot');
  for (const reason of ['crashed', 'failed-start'] as const) {
    await (await open('a')).ended(id, reason);
    expect(await (await open('b')).refine(id, unknown)).toBe('host-boot');
  }
  const runs = await open('b');
  await runs.started(id);
  expect(await runs.refine(id, unknown)).toBe('none');
});

it.each(['guest-shutdown', 'destroyed'] as const)(
  'after the host booted: what was off by %s still is',
  async (reason) => {
    await (await open('a')).ended(id, reason);
    expect(await (await open('b')).refine(id, unknown)).toBe(reason);
    expect(await (await open('c')).refine(id, unknown)).toBe(reason);
  },
);

it('knows better than libvirt only where a signal ended QEMU', async () => {
  const runs = await open('a');
  await runs.ended(id, 'crashed');
  expect(await runs.refine(id, { state: 'off', reason: 'guest-shutdown' })).toBe('crashed');
  expect(await runs.refine(id, { state: 'off', reason: 'destroyed' })).toBe('destroyed');
  expect(await (await open('b')).refine(id, { state: 'off', reason: 'guest-shutdown' })).toBe('guest-shutdown');
});

it('takes a broken note for none', async () => {
  const runs = await open('a');
  await writeFile(join(dataDir, 'runs', id), '');
  expect(await runs.refine(id, unknown)).toBe('none');
  await runs.forget(id);
  expect(await runs.refine(id, unknown)).toBe('none');
});
