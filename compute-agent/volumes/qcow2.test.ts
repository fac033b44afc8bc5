import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { exec } from '../exec.ts';
import { parseQcow2Head, readQcow2Head } from './qcow2.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tsubo-qcow2-'));
  await exec('qemu-img', ['create', '-q', '-f', 'qcow2', join(folder, 'base'), '128M']);
  await exec('qemu-img', [
    'create',
    '-q',
    '-f',
    'qcow2',
    '-b',
    join(folder, 'base'),
    '-F',
    'qcow2',
    join(folder, 'over'),
    '20G',
  ]);
  await exec('qemu-img', ['create', '-q', '-f', 'qcow2', '-o', 'compat=0.10', join(folder, 'old'), '1G']);
  await exec('qemu-img', ['create', '-q', '-f', 'raw', join(folder, 'raw'), '1M']);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('reads what qemu-img wrote', async () => {
  expect(await readQcow2Head(join(folder, 'base'))).toEqual({
    version: 3,
    virtualBytes: 128 * 1024 ** 2,
    backingFile: null,
  });
  expect(await readQcow2Head(join(folder, 'over'))).toEqual({
    version: 3,
    virtualBytes: 20 * 1024 ** 3,
    backingFile: join(folder, 'base'),
  });
  expect(await readQcow2Head(join(folder, 'old'))).toMatchObject({ version: 2, virtualBytes: 1024 ** 3 });
});

it('takes nothing else for one', async () => {
  expect(await readQcow2Head(join(folder, 'raw'))).toBeNull();
  await writeFile(join(folder, 'empty'), '');
  expect(await readQcow2Head(join(folder, 'empty'))).toBeNull();
  await expect(readQcow2Head(join(folder, 'missing'))).rejects.toMatchObject({ code: 'ENOENT' });
  const head = (await readFile(join(folder, 'over'))).subarray(0, 4096);
  for (let length = 0; length < 72; length++) expect(parseQcow2Head(head.subarray(0, length))).toBeNull();
  const cut = head.readBigUInt64BE(8);
  expect(parseQcow2Head(head.subarray(0, Number(cut) + 3))).toBeNull();
});
