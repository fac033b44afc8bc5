/** Consoles of a real guest: scripts/stack/isolate npx vitest run --project hypervisor compute-agent/consoles */
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import type { Agent } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RpcServer } from '../server.ts';
import { program, type TestHost, type TestServer } from '../testing.ts';
import { withHost } from '../testing-file.ts';
import { dial } from '../testing-stream.ts';
import { echoGuestDisk, floodOf } from './echo-guest.ts';
import { gather, serveStreams } from './testing.ts';
import { SerialViewer } from './testing-serial.ts';

let host: TestHost;
let server: RpcServer;
let peer: Agent;
withHost((given) => {
  host = given;
}, echoGuestDisk());
beforeAll(async () => {
  ({ server, peer } = await serveStreams((...stream) => host.agent.openStream(...stream), pino({ level: 'silent' })));
});
afterAll(async () => {
  await server.close(0);
  peer.destroy();
});

const open = async (kind: string, query: Record<string, string>) => {
  const stream = await dial(peer, `https://127.0.0.1:${server.port}/stream/${kind}?${new URLSearchParams(query)}`);
  if ('status' in stream) throw new Error(`${stream.code}: ${stream.message}`);
  return stream;
};
const view = async ({ id }: TestServer, query: Record<string, string> = {}) =>
  new SerialViewer(await open('serial', { server: id, ...query }));
const anna = { writer: 'w-anna', label: '佐藤 花子' };
const ken = { writer: 'w-ken', label: '田中 健' };
const power = (guest: TestServer, action: 'start' | 'destroy') => host.agent.api.power({ ...guest.at(1), action });
const patient = { timeout: 30_000 };

/** virtlogd's process, where one runs in this isolation. */
const virtlogd = (): number | undefined =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((pid) => {
      try {
        return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'virtlogd';
      } catch {
        return false;
      }
    });

/** With small log files, so that they rotate. */
async function restartVirtlogd(): Promise<void> {
  const old = virtlogd();
  if (old !== undefined) process.kill(old, 'SIGKILL');
  while (virtlogd() !== undefined) await sleep(20);
  const settings = `${host.folder}/virtlogd.conf`;
  await writeFile(settings, 'max_size = 131072\nmax_backups = 3\n');
  await program('/usr/sbin/virtlogd', '-d', '-f', settings);
}

test('a guest is seen from its first byte to its last, over a restart, and typed to by one at a time', async () => {
  const guest = host.newServer();
  await guest.define(1);
  const one = await view(guest, anna);
  await expect.poll(() => one.order).toEqual(['start', 'port', 'live']);
  expect(one.port).toEqual({ open: false, log: 'ok', writer: null });
  await expect(open('vnc', { server: guest.id })).rejects.toThrow('HYPERVISOR');

  await power(guest, 'start');
  await expect.poll(() => one.text, patient).toBe('ready\r\n');
  await expect.poll(() => one.port?.open).toBe(true);
  one.claim('take');
  one.type('日本語 ok');
  await expect.poll(() => one.text).toBe('ready\r\n日本語 ok');

  const other = await view(guest, ken);
  await expect.poll(() => other.text).toBe('ready\r\n日本語 ok');
  expect(other.port?.writer).toEqual({ id: 'w-anna', label: '佐藤 花子' });
  other.type('refused');
  other.claim('take');
  await sleep(300);
  other.claim('force');
  await expect.poll(() => one.port?.writer?.id).toBe('w-ken');
  other.type(' and other');
  await expect.poll(() => one.text).toBe('ready\r\n日本語 ok and other');

  const screen = await open('vnc', { server: guest.id });
  const seen = gather(screen);
  await expect.poll(() => seen.text).toMatch(/^RFB 003\.\d{3}\n$/);
  // A client of version 3.8: QEMU offers its ways of signing in, of which one is none.
  screen.write('RFB 003.008\n');
  await expect.poll(() => seen.bytes).toBeGreaterThanOrEqual(14);

  await power(guest, 'destroy');
  await seen.ended;
  await expect.poll(() => one.port?.open).toBe(false);
  await power(guest, 'start');
  await expect.poll(() => [one.port?.open, one.text], patient).toEqual([true, 'ready\r\n日本語 ok and otherready\r\n']);
  other.type('again');
  await expect.poll(() => [one.text, other.text]).toEqual(Array(2).fill('ready\r\n日本語 ok and otherready\r\nagain'));
  expect(one.marks.map(({ why }) => why)).toEqual(['start', 'live', 'rotated']);

  await host.agent.api.removeServer(guest.at(1));
  await Promise.all([one.ended, other.ended]);
  expect(await host.traces(guest)).toEqual([]);
});

test('its log is followed through rotations, and gone on with where one left, without a byte lost or doubled', async () => {
  await restartVirtlogd();
  const guest = host.newServer();
  await guest.define(1);
  await power(guest, 'start');
  const typist = await view(guest, anna);
  await expect.poll(() => typist.text, patient).toBe('ready\r\n');
  typist.claim('take');
  // Comes and goes while the guest speaks.
  const pieces: Buffer[] = [];
  let from: string | undefined;
  let comers = true;
  const coming = (async () => {
    while (comers) {
      const viewer = await view(guest, from === undefined ? {} : { from });
      await sleep(40);
      viewer.socket.destroy();
      await viewer.ended;
      if (viewer.marks.length === 0) continue;
      from = viewer.from;
      pieces.push(...viewer.bytes);
    }
  })();
  coming.catch(() => {});
  const expected = `ready\r\n${floodOf(6_000)}`;
  // One at a time: what a guest does not take keeps its connection, and QEMU doubles in the log what it cannot send
  // there. That it does not happen after each of them is what pieces with a connection each are for.
  for (let n = 1; n <= 6; n += 1) {
    typist.type('!');
    const bytes = 7 + floodOf(n * 1_000).length;
    await expect.poll(() => typist.text.length, { timeout: 15_000 }).toBeGreaterThanOrEqual(bytes);
  }
  expect(typist.text).toBe(expected);
  expect(typist.marks.filter(({ why }) => why === 'rotated').length).toBeGreaterThanOrEqual(2);
  comers = false;
  await coming;
  const last = await view(guest, { from: from as string });
  await expect.poll(() => Buffer.concat([...pieces, ...last.bytes]).toString() === expected).toBe(true);
});

test('a killed virtlogd is noticed, the port still works, and a restart of the guest heals it', async () => {
  const guest = host.newServer();
  await guest.define(1);
  await power(guest, 'start');
  const viewer = await view(guest, anna);
  await expect.poll(() => viewer.text, patient).toBe('ready\r\n');
  await sleep(3_000);
  expect(viewer.port?.log).toBe('ok');
  process.kill(virtlogd() as number, 'SIGKILL');
  await expect.poll(() => viewer.port?.log, patient).toBe('silent');
  expect(viewer.port?.open).toBe(true);
  await restartVirtlogd();
  await sleep(3_000);
  expect(viewer.port?.log).toBe('silent');
  // Typed, and heard by the guest, though nobody sees an echo: it powers off.
  viewer.claim('take');
  viewer.type('#');
  await host.seen(guest, 'off', 'guest-shutdown');
  await power(guest, 'start');
  await expect.poll(() => viewer.text, patient).toBe('ready\r\nready\r\n');
  await expect.poll(() => viewer.port?.log).toBe('ok');
});

test('an agent that ends lets go of all streams, and a new one goes on with the position', async () => {
  const guest = host.newServer();
  await guest.define(1);
  await power(guest, 'start');
  const before = await view(guest, anna);
  await expect.poll(() => before.text, patient).toBe('ready\r\n');
  await server.close(0);
  await before.ended;
  await host.stopAgent();
  await host.startAgent();
  ({ server, peer } = await serveStreams((...stream) => host.agent.openStream(...stream), pino({ level: 'silent' })));
  const after = await view(guest, { ...anna, from: before.from });
  after.claim('take');
  after.type('still there');
  await expect.poll(() => after.text).toBe('still there');
});
