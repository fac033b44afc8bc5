import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Images } from './images.ts';

// Counted, and otherwise as it is.
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  return { ...fs, createReadStream: vi.fn(fs.createReadStream) };
});

let root: string;
let images: Images;
const content = Buffer.alloc(300_000, 'an image ');
const digest = createHash('sha256').update(content).digest('hex');
const source = (name: string) => join(root, name, `${digest}.qcow2`);

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tsubo-images-'));
  await mkdir(join(root, 'a'));
  await mkdir(join(root, 'b'));
  images = new Images(join(root, 'agent'), [join(root, 'missing'), join(root, 'a'), join(root, 'b')]);
  await images.prepare();
});
afterEach(() => rm(root, { recursive: true, force: true }));
const kept = () => readdir(join(root, 'agent', 'images'));

it('copies from the first source whose content is right, once, read-only', async () => {
  await writeFile(source('a'), Buffer.alloc(content.length));
  await writeFile(source('b'), content);
  expect(await images.ensure(digest, content.length)).toEqual({ fetched: true });
  expect(await images.ensure(digest, content.length)).toEqual({ fetched: false });
  expect(await readFile(await images.require(digest))).toEqual(content);
  expect((await stat(images.pathOf(digest))).mode & 0o777).toBe(0o444);
  expect(await kept()).toEqual([`${digest}.qcow2`]);
});

it("takes back what an earlier libvirt gave to QEMU's user", async () => {
  await writeFile(source('a'), content);
  await images.ensure(digest, content.length);
  await chown(images.pathOf(digest), 64055, 64055);
  await chmod(images.pathOf(digest), 0o644);
  await images.prepare();
  const { uid, gid, mode } = await stat(images.pathOf(digest));
  expect([uid, gid, mode & 0o777]).toEqual([0, 0, 0o444]);
});

it('says where it looked and what was wrong there', async () => {
  await writeFile(source('a'), content.subarray(1));
  await writeFile(source('b'), Buffer.alloc(content.length));
  const error = await images.ensure(digest, content.length).catch((caught) => caught);
  expect(error.code).toBe('IMAGE_MISSING');
  expect(error.message).toContain('missing/');
  expect(error.message).toContain(`299999 bytes, not 300000`);
  expect(error.message).toContain('its content is ');
  expect(await kept()).toEqual([]);
  await expect(images.require(digest)).rejects.toMatchObject({ code: 'IMAGE_MISSING' });
});

it('copies once where many ask at once', async () => {
  await writeFile(source('a'), content);
  vi.mocked(createReadStream).mockClear();
  const answers = await Promise.all(Array.from({ length: 8 }, () => images.ensure(digest, content.length)));
  expect(answers.filter(({ fetched }) => fetched)).toHaveLength(8);
  expect(createReadStream).toHaveBeenCalledTimes(1);
  expect(await kept()).toEqual([`${digest}.qcow2`]);
});

it('leaves nothing of a copy that a crash cut, and refuses another size for a digest it has', async () => {
  await writeFile(join(root, 'agent', 'images', '.tmp-half'), 'half');
  await images.prepare();
  expect(await kept()).toEqual([]);
  await writeFile(source('a'), content);
  await images.ensure(digest, content.length);
  await expect(images.ensure(digest, 1)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
});

it('gives up where it cannot write, and keeps nothing', async () => {
  await writeFile(source('a'), content);
  await rm(join(root, 'agent', 'images'), { recursive: true });
  await writeFile(join(root, 'agent', 'images'), 'a file in the way');
  await expect(images.ensure(digest, content.length)).rejects.toThrow();
});
