import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { clearRemnants } from './clear-remnants.ts';
import { KeyedMutex } from './mutex.ts';
import type { Parts } from './parts.ts';
import { Remnants } from './remnants.ts';

const [RUNS, OFF, GONE, OTHERS] = ['runsrunsaa', 'offoffoffa', 'gonegoneaa', 'othersothe'];
let folder: string;
let states: Map<string, string>;
let parts: Parts;
const warned: unknown[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tsubo-remnants-'));
  const places = { qemu: join(folder, 'qemu'), cgroups: join(folder, 'cgroup') };
  for (const id of [RUNS, OFF, GONE, OTHERS]) {
    await mkdir(join(places.qemu, `domain-3-${id}`), { recursive: true });
    await mkdir(join(places.qemu, 'channel/target', `domain-3-${id}`), { recursive: true });
    await mkdir(join(places.cgroups, 'memory/machine', `qemu-3-${id}.libvirt-qemu/vcpu0`), { recursive: true });
  }
  await mkdir(join(places.cgroups, 'machine.slice', `machine-qemu\\x2d4\\x2d${GONE}.scope`), { recursive: true });
  await writeFile(join(places.cgroups, 'cgroup.procs'), '');
  await mkdir(join(places.qemu, 'snapshot'));
  states = new Map([
    [RUNS!, 'running'],
    [OFF!, 'off'],
  ]);
  const look = async (id: string) => (states.has(id) ? { serverId: id, seen: { state: states.get(id) } } : null);
  // As this user, for who runs the tests owns the folder.
  const run = async (_: string, args: readonly string[]) => {
    await rm(args.at(-1)!, { recursive: true });
    return { code: 0, stdout: '', stderr: '' };
  };
  warned.length = 0;
  parts = {
    remnants: new Remnants(run, places),
    hypervisor: { list: async () => Promise.all([...states.keys()].map(look)), look },
    tombstones: { all: async () => [GONE] },
    mutex: new KeyedMutex(),
    log: { warn: (fields: unknown) => warned.push(fields) },
  } as unknown as Parts;
});
afterEach(() => rm(folder, { recursive: true }));

const left = async () => (await readdir(folder, { recursive: true })).join('\n');

it('what is left of servers that are off or gone goes; what runs, or is nobody of ours, stays', async () => {
  expect(await clearRemnants(parts)).toHaveLength(7);
  const still = await left();
  for (const id of [OFF, GONE]) expect(still).not.toContain(id);
  for (const id of [RUNS, OTHERS]) for (const text of [`domain-3-${id}`, `qemu-3-${id}`]) expect(still).toContain(text);
  expect(still).toContain('qemu/snapshot');
  expect(await clearRemnants(parts)).toEqual([]);
  expect(warned).toEqual([]);
});

it('a server that was started between the look and its turn keeps what it has', async () => {
  const listed = await parts.hypervisor.list();
  parts.hypervisor.list = async () => listed;
  states.set(OFF!, 'running');
  await clearRemnants(parts);
  expect(await left()).toContain(`domain-3-${OFF}`);
});

it('one that fails keeps nothing from the others, and a link is not followed', async () => {
  await writeFile(join(folder, 'cgroup/memory/machine', `qemu-3-${OFF}.libvirt-qemu/vcpu0/file`), '');
  await mkdir(join(folder, 'elsewhere'));
  await symlink(join(folder, 'elsewhere'), join(folder, 'qemu', `domain-9-${GONE}`));
  await clearRemnants(parts);
  expect(warned).toHaveLength(1);
  const still = await left();
  expect(still).not.toContain(`domain-3-${GONE}`);
  expect(still).toContain('elsewhere');
});
