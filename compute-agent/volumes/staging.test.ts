import { mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LibvirtClient } from '../libvirt/api.ts';
import { Staging } from './staging.ts';

const overlay = { id: 'vol_abcdefghijklmnop', bytes: 1024, backing: '/images/a.qcow2' };
let volumesDir: string;
let staging: Staging;
/** What libvirtd does with the file that it was asked for. */
let create: (path: string) => Promise<void>;

beforeEach(async () => {
  volumesDir = await mkdtemp(join(tmpdir(), 'tsubo-staging-'));
  create = (path) => writeFile(path, 'whole');
  const libvirt = {
    storagePoolLookupByName: async () => ({}),
    storagePoolIsActive: async () => true,
    storagePoolRefresh: async () => {},
    storageVolCreateXml: (_: unknown, xml: string) => create(join(staging.folder, /<name>([^<]+)/.exec(xml)![1]!)),
  } as unknown as LibvirtClient;
  staging = new Staging(volumesDir, libvirt);
  await staging.prepare();
});
afterEach(() => rm(volumesDir, { recursive: true, force: true }));
const lying = () => readdir(staging.folder);

it('hands a whole overlay on, and keeps nothing', async () => {
  await staging.makeOverlay(overlay, (path) => rename(path, join(volumesDir, 'disk')));
  expect(await readdir(volumesDir)).toContain('disk');
  expect(await lying()).toEqual([]);
});

it('takes away what libvirtd left when it died over it, and what could not be moved', async () => {
  const fails = async () => Promise.reject(new Error('gone'));
  await expect(staging.makeOverlay(overlay, fails)).rejects.toThrow('gone');
  create = async (path) => {
    await writeFile(path, 'ha');
    throw new Error('libvirtd was killed');
  };
  await expect(staging.makeOverlay(overlay, async () => {})).rejects.toThrow('killed');
  expect(await lying()).toEqual([]);
});

it('sweeps what came after its attempt was given up, and leaves what is under way', async () => {
  const asked = Promise.withResolvers<string>();
  const answer = Promise.withResolvers<void>();
  create = async (path) => {
    await writeFile(path, 'ha');
    asked.resolve(path);
    await answer.promise;
  };
  const making = staging.makeOverlay(overlay, (path) => rename(path, join(volumesDir, 'disk')));
  await asked.promise;
  await writeFile(join(staging.folder, 'late.qcow2'), '');
  expect(await staging.sweep()).toEqual(['late.qcow2']);
  expect(await lying()).toHaveLength(1);
  answer.resolve();
  await making;
  expect(await readdir(volumesDir)).toContain('disk');
});

it('sweeps at the start of the agent', async () => {
  await writeFile(join(staging.folder, 'half.qcow2'), '');
  await staging.prepare();
  expect(await lying()).toEqual([]);
});
