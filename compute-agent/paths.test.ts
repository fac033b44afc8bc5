import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ServerPaths } from './paths.ts';

const serverId = 'abcdefghij';
let root: string;
let paths: ServerPaths;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tsubo-paths-'));
  paths = new ServerPaths(join(root, 'data'), join(root, 'run'));
  await paths.prepare();
  await paths.make(serverId);
});
afterEach(() => rm(root, { recursive: true, force: true }));

it('takes away what lies in the folders of a server, repeatedly', async () => {
  await writeFile(paths.of(serverId).serialLog, 'booted');
  await writeFile(paths.of(serverId).vncSocket, '');
  await paths.remove(serverId);
  await paths.remove(serverId);
  expect(await readdir(join(root, 'run'))).toEqual([]);
  expect(await readdir(join(root, 'data', 'serial'))).toEqual([]);
});

it("follows no link that QEMU's user laid, and goes into no folder that it made", async () => {
  await mkdir(join(root, 'elsewhere'));
  await writeFile(join(root, 'elsewhere', 'file'), 'of somebody');
  await symlink(join(root, 'elsewhere'), join(root, 'run', serverId, 'link'));
  await paths.remove(serverId);
  await paths.make(serverId);
  await mkdir(join(root, 'run', serverId, 'deep'));
  await writeFile(join(root, 'run', serverId, 'deep', 'file'), '');
  await expect(paths.remove(serverId)).rejects.toThrow(/deep/);
  expect(await readFile(join(root, 'run', serverId, 'deep', 'file'), 'utf8')).toBe('');
  expect(await readFile(join(root, 'elsewhere', 'file'), 'utf8')).toBe('of somebody');
});
