import { readdirSync } from 'node:fs';
import { appendFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import type { Server, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { serialFrame } from '../contract/streams.ts';
import { putHeader } from './frames.ts';
import { ConsoleLab, off, running, SERVER } from './testing.ts';
import { SerialViewer } from './testing-serial.ts';

let lab: ConsoleLab;
let log: string;
/** What was typed, per connection to the port. */
let typed: string[];
let clients: Socket[];
let port: Server;
let stalled: boolean;

const listen = async () => {
  port = await lab.listen(lab.of().serialSocket, (socket) => {
    const index = typed.push('') - 1;
    clients.push(socket);
    if (stalled) return;
    socket.on('data', (chunk) => {
      typed[index] += chunk.toString('latin1');
    });
    // As QEMU does when it has read all.
    socket.on('end', () => socket.end());
  });
};
beforeEach(async () => {
  lab = await ConsoleLab.create();
  log = lab.of().serialLog;
  [typed, clients, stalled] = [[], [], false];
  await listen();
});
afterEach(async () => {
  for (const client of clients) client.destroy();
  await lab.destroy();
});

const heard = () => Buffer.from(typed.join(''), 'latin1').toString();

const view = async (query: Record<string, string> = {}) =>
  new SerialViewer(await lab.open('serial', { server: SERVER, ...query }));
const anna = { writer: 'w-anna', label: '佐藤 花子' };
const ken = { writer: 'w-ken', label: '田中 健' };
const open = { open: true, log: 'ok', writer: null };

describe('what the port says', () => {
  it('is a mark, the port, what was said before, and what is said now', async () => {
    await writeFile(log, 'boot\n');
    const viewer = await view();
    await expect.poll(() => viewer.order).toEqual(['start', 'port', 'data', 'live']);
    expect(viewer.port).toEqual(open);
    await appendFile(log, 'login: ');
    await expect.poll(() => viewer.text).toBe('boot\nlogin: ');
  });

  it('comes within 10 ms when it comes after quiet', async () => {
    await writeFile(log, '');
    const viewer = await view();
    await expect.poll(() => viewer.order).toContain('live');
    const waits: number[] = [];
    for (let n = 0; n < 60; n += 1) {
      await sleep(12);
      const started = performance.now();
      const came = new Promise<number>((resolve) =>
        viewer.socket.once('data', () => resolve(performance.now() - started)),
      );
      await appendFile(log, 'x');
      waits.push(await came);
    }
    waits.sort((a, b) => a - b);
    expect(waits[30]).toBeLessThan(10);
    expect(viewer.text.length).toBe(60);
  });

  it('goes on where another stream ended, through rotations, without a byte lost or doubled', async () => {
    let written = '';
    const read: Buffer[] = [];
    let from: Record<string, string> = {};
    await writeFile(log, '');
    for (let n = 0; n < 12; n += 1) {
      const viewer = await view(from);
      for (let m = 0; m < 20; m += 1) {
        const line = `${n}.${m} 日本語のログ\n`;
        written += line;
        await appendFile(log, line);
        if (m % 8 !== 7) continue;
        for (let older = 30; older > 0; older -= 1) {
          await rename(`${log}.${older - 1}`, `${log}.${older}`).catch(() => {});
        }
        await rename(log, `${log}.0`);
      }
      // Cut anywhere, also while there is more to come.
      await sleep(n * 2);
      viewer.socket.destroy();
      await viewer.ended;
      read.push(...viewer.bytes);
      if (viewer.marks.length > 0) from = { from: viewer.from };
      expect(viewer.marks.every(({ why }) => why !== 'gap' && why !== 'behind')).toBe(true);
    }
    const last = await view(from);
    await expect.poll(() => Buffer.concat([...read, ...last.bytes]).toString()).toBe(written);
  });

  it('waits for a folder that is made by the first boot', async () => {
    await rm(lab.of().serialLog.replace('/serial.log', ''), { recursive: true });
    lab.hypervisor.change(off);
    const viewer = await view();
    await expect.poll(() => viewer.order).toEqual(['start', 'port', 'live']);
    expect(viewer.port?.open).toBe(false);
    await mkdir(log.replace('/serial.log', ''));
    await writeFile(log, 'SeaBIOS\n');
    await expect.poll(() => viewer.text).toBe('SeaBIOS\n');
  });

  it('is silent when no virtlogd holds the log of a running guest', async () => {
    await writeFile(log, 'last words');
    const viewer = await view();
    await expect.poll(() => viewer.port?.log).toBe('silent');
    lab.hypervisor.change(off);
    await expect.poll(() => viewer.port).toEqual({ ...open, open: false });
  });

  it('is read for nobody who does not read it: he is moved ahead, and others are not slowed', async () => {
    await writeFile(log, '');
    const slow = await view();
    const quick = await view();
    await expect.poll(() => slow.order).toContain('live');
    slow.socket.pause();
    const piece = Array.from({ length: 8_000 }, (_, n) => `flood ${n} ${'y'.repeat(50)}\n`).join('');
    for (let n = 0; n < 40; n += 1) {
      await appendFile(log, piece);
      await expect.poll(() => quick.text.length, { interval: 5 }).toBe(piece.length * (n + 1));
    }
    expect(quick.marks.map(({ why }) => why)).toEqual(['start', 'live']);
    slow.socket.resume();
    await expect.poll(() => slow.text.endsWith(piece.slice(-30_000))).toBe(true);
    const behind = slow.marks.filter(({ why }) => why === 'behind');
    expect(behind.length).toBeGreaterThan(0);
    const skipped = behind.reduce((sum, mark) => sum + (mark.skipped ?? Number.NaN), 0);
    expect(skipped + slow.text.length).toBe(piece.length * 40);
  });
});

describe('the keyboard', () => {
  it('is taken, written by, and given back; everybody is told', async () => {
    const one = await view(anna);
    const other = await view();
    one.type('too early');
    one.claim('take');
    const held = { ...open, writer: { id: 'w-anna', label: '佐藤 花子' } };
    await expect.poll(() => [one.port, other.port]).toEqual([held, held]);
    one.type('root\n');
    one.type('日本語');
    await expect.poll(heard).toBe('root\n日本語');
    one.claim('release');
    await expect.poll(() => [one.port, other.port]).toEqual([open, open]);
    await expect.poll(() => clients.every(({ destroyed }) => destroyed)).toBe(true);
  });

  it('belongs to one at a time, is had by force, and is free when its holder goes', async () => {
    const first = await view(anna);
    const second = await view(ken);
    first.claim('take');
    await expect.poll(() => second.port?.writer?.id).toBe('w-anna');
    second.claim('take');
    second.type('not mine');
    await sleep(100);
    expect(second.port?.writer?.id).toBe('w-anna');
    second.claim('force');
    await expect.poll(() => first.port?.writer?.id).toBe('w-ken');
    second.type('mine');
    first.type('no more');
    await expect.poll(heard).toBe('mine');
    second.socket.destroy();
    await expect.poll(() => first.port).toEqual(open);
  });

  it('is still held by one who came again before his old stream has ended', async () => {
    const old = await view(anna);
    old.claim('take');
    await expect.poll(() => old.port?.writer?.id).toBe('w-anna');
    const again = await view(anna);
    old.socket.destroy();
    await old.ended;
    again.type('still me');
    await expect.poll(heard).toBe('still me');
  });

  it('is nothing for who only listens', async () => {
    const viewer = await view();
    viewer.claim('force');
    viewer.type('x');
    await expect.poll(() => viewer.ports.length).toBeGreaterThan(1);
    expect(viewer.port).toEqual(open);
    expect(typed).toEqual([]);
  });

  it('outlives a restart of the guest, and what is typed meanwhile is dropped, not kept', async () => {
    const viewer = await view(anna);
    viewer.claim('take');
    viewer.type('before');
    await expect.poll(heard).toBe('before');
    port.close();
    for (const client of clients) client.destroy();
    await rm(lab.of().serialSocket, { force: true });
    // The socket goes before the hypervisor says so: the first that is typed finds it out.
    viewer.type('lost');
    await expect.poll(() => viewer.port?.open).toBe(false);
    lab.hypervisor.change(off);
    viewer.type('to nobody');
    await sleep(300);
    await listen();
    lab.hypervisor.change(running);
    await expect.poll(() => viewer.port?.open).toBe(true);
    await expect.poll(() => clients.length).toBeGreaterThan(1);
    viewer.type('after');
    await expect.poll(heard).toBe('beforeafter');
  });

  it('types into a guest that does not listen no more than 1 MiB, and says so', async () => {
    stalled = true;
    const viewer = await view(anna);
    viewer.claim('take');
    await expect.poll(() => viewer.port?.writer?.id).toBe('w-anna');
    const told = viewer.ports.length;
    for (let n = 0; n < 64; n += 1) viewer.type('z'.repeat(65_536));
    await expect.poll(() => viewer.ports.length).toBeGreaterThan(told);
    expect(viewer.socket.destroyed).toBe(false);
  });

  it('carries a long paste in its order, in pieces whose echo QEMU can keep, a connection each', async () => {
    const viewer = await view(anna);
    viewer.claim('take');
    const paste = Array.from({ length: 2_000 }, (_, n) => `${n} 日本\n`).join('');
    for (let at = 0; at < paste.length; at += 777) viewer.type(paste.slice(at, at + 777));
    await expect.poll(heard).toBe(paste);
    expect(Math.max(...typed.map(({ length }) => length))).toBe(128);
  });

  it('is never waited for: what the guest says there is read and dropped', async () => {
    stalled = true;
    const viewer = await view(anna);
    viewer.claim('take');
    await expect.poll(() => clients.length).toBe(1);
    let drained = 0;
    for (let n = 0; n < 200; n += 1) {
      await new Promise<void>((resolve) => clients[0]?.write(Buffer.alloc(65_536), () => resolve()));
      drained += 1;
    }
    expect(drained).toBe(200);
  });
});

describe('what ends a stream, and what does not', () => {
  it('a guest that goes off ends nothing', async () => {
    const viewer = await view();
    lab.hypervisor.change(off);
    await expect.poll(() => viewer.port?.open).toBe(false);
    lab.hypervisor.change(running);
    await expect.poll(() => viewer.port?.open).toBe(true);
    expect(viewer.socket.destroyed).toBe(false);
  });

  it('the removal of its server does', async () => {
    const viewer = await view();
    lab.hypervisor.change('absent');
    await viewer.ended;
  });

  it('a removal that was missed while libvirt was away does', async () => {
    const viewer = await view();
    lab.hypervisor.bodies.delete(SERVER);
    lab.hypervisor.reconnect();
    await viewer.ended;
  });

  it.each([
    ['a frame of an unknown type', Buffer.from([7, 0, 0, 0, 0])],
    ['a frame too long', Buffer.from([16, 0, 1, 0, 1])],
    [
      'a claim that is none',
      (() => {
        const frame = Buffer.alloc(7, '{}');
        putHeader(frame, serialFrame.claim, 2);
        return frame;
      })(),
    ],
  ])('%s does', async (_, bytes) => {
    const viewer = await view(anna);
    viewer.socket.write(bytes);
    await viewer.ended;
  });

  it('leaves no descriptor, however it ends', async () => {
    await writeFile(log, 'x');
    const cycle = async (end: (viewer: SerialViewer) => void) => {
      const viewer = await view(anna);
      viewer.claim('take');
      await expect.poll(() => viewer.port?.writer?.id).toBe('w-anna');
      await expect.poll(() => viewer.text).toBe('x');
      end(viewer);
      await viewer.ended;
    };
    await cycle(({ socket }) => socket.destroy());
    const settled = () => readdirSync('/proc/self/fd').length;
    await sleep(300);
    for (const client of clients.splice(0)) client.destroy();
    await sleep(50);
    const before = settled();
    for (let n = 0; n < 5; n += 1) {
      await cycle(({ socket }) => socket.destroy());
      await cycle(({ socket }) => void socket.end());
    }
    await sleep(300);
    for (const client of clients.splice(0)) client.destroy();
    await expect.poll(settled).toBeLessThanOrEqual(before);
  });

  it('refuses a domain that is not there, and a query that is none', async () => {
    expect(await lab.refused('serial', { server: 'bbbbbbbbbb' })).toMatchObject({ code: 'NO_SUCH_DOMAIN' });
    expect(await lab.refused('serial', { server: SERVER, from: '1' })).toMatchObject({ code: 'BAD_REQUEST' });
    expect(await lab.refused('serial', { server: SERVER, writer: 'a b' })).toMatchObject({ code: 'BAD_REQUEST' });
  });
});
