import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { leaderOf } from './groups.ts';
import { readPidFile, writePidFile } from './pid-file.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsubo-pid-'));
  file = join(folder, 'x.pid');
});
afterEach(() => rmSync(folder, { recursive: true }));

const self = leaderOf(process.pid)!;

test('what is written is read', () => {
  writePidFile(file, self);
  expect(readPidFile(file)).toEqual(self);
  expect(readFileSync(file, 'utf8').split('\n')[0]).toBe(String(process.pid));
});

test('a file without its boot is of this one if it was written since', () => {
  writeFileSync(file, `${self.pid}\n${self.startTime}\n`);
  expect(readPidFile(file)).toEqual(self);
  utimesSync(file, 1, 1);
  expect(readPidFile(file)).toBeUndefined();
});

test.each(['', 'x\n1\n', '12\n', '12\nyesterday\n', '-3\n1\n'])('%j names nobody', (text) => {
  writeFileSync(file, text);
  expect(readPidFile(file)).toBeUndefined();
});
