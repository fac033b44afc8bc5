import { appendFile, mkdtemp, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SERIAL_BEHIND_BYTES, SERIAL_REPLAY_BYTES } from '../contract/streams.ts';
import { logFiles } from './log-files.ts';
import { LogReader } from './log-reader.ts';
import { drain } from './testing-log.ts';

let folder: string;
let path: string;
const readers: LogReader[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tsubo-log-'));
  path = join(folder, 'serial.log');
});
afterEach(async () => {
  for (const reader of readers.splice(0)) await reader.close();
  await rm(folder, { recursive: true });
});

/** As virtlogd does it, with three older files. */
async function rotate(): Promise<void> {
  for (const [from, to] of [
    ['.1', '.2'],
    ['.0', '.1'],
    ['', '.0'],
  ] as const) {
    await rename(path + from, path + to).catch(() => {});
  }
  await writeFile(path, '');
}

async function begun(from: { inode: string; offset: number } | null = null) {
  const reader = new LogReader(path);
  readers.push(reader);
  return { reader, first: await reader.begin(from) };
}

const now = async () => {
  const file = (await logFiles(path)).at(-1);
  return { inode: file?.inode ?? '', offset: file?.bytes ?? 0 };
};

describe('from the beginning', () => {
  it('says what was there, that it is live, and what comes', async () => {
    await writeFile(path, 'boot\n');
    const { reader, first } = await begun();
    expect(first).toEqual({ why: 'start', at: { ...(await now()), offset: 0 }, skipped: 0 });
    expect((await drain(reader)).said).toEqual(['boot\n', '<live>']);
    await appendFile(path, 'login: ');
    expect((await drain(reader)).said).toEqual(['login: ']);
    expect((await drain(reader)).said).toEqual([]);
  });

  it('puts the live mark between what was there and what came while that was read', async () => {
    await writeFile(path, 'old');
    const { reader } = await begun();
    await appendFile(path, 'new');
    expect((await drain(reader)).said).toEqual(['old', '<live>', 'new']);
  });

  it('waits where nothing was ever said, and begins with the first byte', async () => {
    const { reader, first } = await begun();
    expect(first).toEqual({ why: 'start', at: { inode: '0', offset: 0 }, skipped: 0 });
    expect((await drain(reader)).said).toEqual(['<live>']);
    await writeFile(path, 'first');
    expect((await drain(reader)).said).toEqual(['<rotated>', 'first']);
    const again = await begun({ inode: '0', offset: 0 });
    expect((await drain(again.reader)).text).toBe('first');
  });

  it('replays the last 64 KiB from a line on, also across a rotation', async () => {
    const lines = (n: number, word: string) => Array.from({ length: n }, (_, i) => `${word} ${i} 日本語\n`).join('');
    await writeFile(path, lines(5_000, 'old'));
    await rotate();
    await appendFile(path, lines(500, 'new'));
    const { reader } = await begun();
    const { said, text } = await drain(reader);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(SERIAL_REPLAY_BYTES);
    expect(Buffer.byteLength(text)).toBeGreaterThan(SERIAL_REPLAY_BYTES - 100);
    expect(text).toMatch(/^old \d+ 日本語\n/);
    expect(text.endsWith('new 499 日本語\n')).toBe(true);
    expect(said.filter((word) => word.startsWith('<'))).toEqual(['<rotated>', '<live>']);
  });

  it.each([0, 1, 2])('begins with a whole character where there is no line (%i bytes more)', async (more) => {
    await writeFile(path, 'あ'.repeat(40_000) + 'x'.repeat(more));
    const { reader } = await begun();
    const { text } = await drain(reader);
    expect(text).not.toContain('\ufffd');
    expect(Buffer.byteLength(text)).toBeGreaterThan(SERIAL_REPLAY_BYTES - 4);
  });

  it('begins with a whole character where the oldest file begins in the midst of one', async () => {
    await writeFile(path, Buffer.from('本語\n').subarray(1));
    expect((await drain((await begun()).reader)).text).toBe('語\n');
  });
});

describe('from a position', () => {
  it('goes on where another ended, to the byte', async () => {
    await writeFile(path, 'one two');
    const { inode } = await now();
    const { reader, first } = await begun({ inode, offset: 4 });
    expect(first).toEqual({ why: 'start', at: { inode, offset: 4 }, skipped: 0 });
    expect((await drain(reader)).said).toEqual(['two', '<live>']);
  });

  it('finds its file under its older name', async () => {
    await writeFile(path, 'before ');
    const at = await now();
    await appendFile(path, 'rest ');
    await rotate();
    await appendFile(path, 'middle ');
    await rotate();
    await appendFile(path, 'end');
    const { reader } = await begun(at);
    expect((await drain(reader)).said).toEqual(['rest ', '<rotated>', 'middle ', '<rotated>', 'end', '<live>']);
  });

  it('moves one who was away for long ahead: what it is shown of that time is history', async () => {
    await writeFile(path, 'here\n');
    const at = await now();
    await appendFile(path, Array.from({ length: 120_000 }, (_, n) => `away ${n}\n`).join(''));
    const { reader, first } = await begun(at);
    expect(first.why).toBe('behind');
    await appendFile(path, 'new');
    const { said, text } = await drain(reader);
    expect(said.filter((word) => word.startsWith('<'))).toEqual(['<live>']);
    expect(said.slice(-2)).toEqual(['<live>', 'new']);
    expect((await stat(path)).size).toBe(at.offset + (first.skipped ?? Number.NaN) + text.length);
  });

  it('says that there is a gap where the file was rotated away, and does not take another file for it', async () => {
    await writeFile(path, 'lost');
    const at = await now();
    for (const word of ['a', 'b', 'c', 'd']) {
      await rotate();
      await appendFile(path, `${word} as long as what was lost `);
    }
    const { reader, first } = await begun(at);
    expect(first).toMatchObject({ why: 'gap', skipped: null });
    expect((await drain(reader)).text).toMatch(/^a as .* b as .* c as .* d as /);
  });

  it('knows files apart that have the same inode, one after the other', async () => {
    await writeFile(path, 'lost and longer');
    const before = { ...(await now()), number: (await stat(path)).ino };
    for (let tries = 0; tries < 50; tries += 1) {
      await rm(path);
      await sleep(8);
      await writeFile(path, 'another one, as long');
      if ((await stat(path)).ino === before.number) break;
    }
    expect((await now()).inode).not.toBe(before.inode);
    expect((await begun(before)).first.why).toBe('gap');
  });

  it('says that there is a gap where the position is beyond the end', async () => {
    await writeFile(path, 'short');
    const { reader, first } = await begun({ ...(await now()), offset: 500 });
    expect(first.why).toBe('gap');
    expect((await drain(reader)).text).toBe('short');
  });
});

describe('while it reads', () => {
  it('follows rotations without a byte lost or doubled', async () => {
    const { reader } = await begun();
    let written = '';
    let read = '';
    for (let n = 0; n < 300; n += 1) {
      const line = `line ${n} ${'x'.repeat(n)}\n`;
      written += line;
      await appendFile(path, line);
      if (n % 7 === 0) await rotate();
      if (n % 5 === 0) read += (await drain(reader)).text;
    }
    read += (await drain(reader)).text;
    expect(read).toBe(written);
  });

  it('moves one who is far behind ahead, by as many bytes as it says', async () => {
    await writeFile(path, 'early\n');
    const { reader } = await begun();
    expect((await drain(reader)).said).toEqual(['early\n', '<live>']);
    const flood = Array.from({ length: 200_000 }, (_, n) => `flood ${n}\n`).join('');
    await appendFile(path, flood.slice(0, 1_000_000));
    await rotate();
    await appendFile(path, flood.slice(1_000_000));
    const { marks, text } = await drain(reader);
    expect(marks).toEqual([expect.objectContaining({ why: 'behind' })]);
    expect((marks[0]?.skipped ?? 0) + text.length).toBe(flood.length);
    expect(text).toMatch(/^flood \d+\n/);
    expect(flood.endsWith(text)).toBe(true);
  });

  it('leaves one who is less behind where it is', async () => {
    await writeFile(path, '');
    const { reader } = await begun();
    await drain(reader);
    await appendFile(path, 'x'.repeat(SERIAL_BEHIND_BYTES));
    expect((await drain(reader)).text.length).toBe(SERIAL_BEHIND_BYTES);
  });

  it('says that there is a gap where its file and those after it are gone', async () => {
    await writeFile(path, 'one');
    const { reader } = await begun();
    await drain(reader);
    await appendFile(path, ' two');
    for (let n = 0; n < 5; n += 1) {
      await rotate();
      await appendFile(path, `file ${n} `);
    }
    expect((await drain(reader)).said).toEqual([
      ...[' two', '<gap>', 'file 1 ', '<rotated>', 'file 2 ', '<rotated>', 'file 3 ', '<rotated>', 'file 4 '],
    ]);
  });

  it('says that there is a gap where somebody emptied the file', async () => {
    await writeFile(path, 'a long line');
    const { reader } = await begun();
    await drain(reader);
    await truncate(path, 0);
    await appendFile(path, 'new');
    expect((await drain(reader)).said).toEqual(['<gap>', 'new']);
  });

  it('waits while a rotation is half-way', async () => {
    await writeFile(path, 'one');
    const { reader } = await begun();
    await drain(reader);
    await rename(path, `${path}.0`);
    expect((await drain(reader)).said).toEqual([]);
    await writeFile(path, 'two');
    expect((await drain(reader)).said).toEqual(['<rotated>', 'two']);
  });
});
