import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { askHealth, untilHealthy } from './health.ts';
import { layoutOf } from './layout.ts';

let data: string;
let server: Server;
let url: string;
let says: { status: number; body: string };

beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), 'tsubo-health-'));
  mkdirSync(join(data, 'log'));
  server = createServer((_, response) => response.writeHead(says.status).end(says.body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/healthz`;
});
afterEach(() => {
  server.close();
  rmSync(data, { recursive: true });
});

const wait = (limitMs: number) => untilHealthy(layoutOf(data), 'worker-1', url, 'new', limitMs);

test('a process of the old release that says it is well is waited for until it is the new one', async () => {
  says = { status: 200, body: '{"ok":true,"release":"old"}' };
  let done = false;
  const waiting = wait(10_000).then(() => {
    done = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(done).toBe(false);
  says = { status: 200, body: '{"ok":true,"release":"new"}' };
  await waiting;
});

test('one that stays old, and one that is not well, are named with the end of their log', async () => {
  writeFileSync(join(data, 'log/worker-1.log'), 'its last words\n');
  says = { status: 200, body: '{"ok":true,"release":"old"}' };
  await expect(wait(300)).rejects.toThrow(/worker-1 still answers as release old, not new[\s\S]*its last words/);
  says = { status: 503, body: '{"ok":false,"release":"new"}' };
  await expect(wait(300)).rejects.toThrow(/worker-1 is not healthy after 0.3 s[\s\S]*503/);
});

test('what is no answer of ours is not well', async () => {
  says = { status: 200, body: '<h1>It works!</h1>' };
  expect(await askHealth(url)).toMatchObject({ ok: false, release: null });
  server.close();
  server.closeAllConnections();
  expect(await askHealth(url)).toMatchObject({ ok: false, words: expect.stringMatching(/ECONNREFUSED/) });
});
