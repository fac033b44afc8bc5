import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { renewDaily } from './daily.ts';

let data: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'tsubo-daily-'));
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

/** A release whose Node says with what it was called. */
function release(name: string, script: string): void {
  for (const folder of ['node/bin', 'daemons']) mkdirSync(join(data, name, folder), { recursive: true });
  const node = join(data, name, 'node/bin/node');
  writeFileSync(node, `#!/bin/sh\n${script}\n`);
  chmodSync(node, 0o755);
  rmSync(join(data, 'current'), { force: true });
  symlinkSync(name, join(data, 'current'));
}

test("the current release's program is run, again and again, whatever became of the one before", async () => {
  const said: { msg: string; fields: Record<string, unknown> | undefined }[] = [];
  release('one', 'echo "one $2" >> "$2/calls"; echo it is bad >&2; exit 3');
  renewDaily(data, (msg, fields) => said.push({ msg, fields }), 10, 150);
  await vi.waitFor(() => expect(said).toHaveLength(1), 5_000);
  expect(said[0]).toMatchObject({
    msg: 'certificates could not be renewed',
    fields: { error: expect.stringContaining('it is bad') },
  });
  // By now another release is installed.
  release('two', 'echo "two $2" >> "$2/calls"; echo all is good');
  await vi.waitFor(() => expect(said.at(-1)?.msg).toBe('certificates looked after'), 5_000);
  expect(said.at(-1)?.fields).toEqual({ said: 'all is good' });
  expect(readFileSync(join(data, 'calls'), 'utf8')).toMatch(/^(one .*\n)+(two .*\n)+$/);
});
