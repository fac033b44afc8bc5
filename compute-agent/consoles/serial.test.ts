import { readdirSync } from 'node:fs';
import { appendFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { serialFrame } from '../contract/streams.ts';
import { putHeader } from './frames.ts';
import { off, running, SERVER } from './testing.ts';
import { anna, open, PortLab } from './testing-port.ts';
import type { SerialViewer } from './testing-serial.ts';

const guest = new PortLab();

describe('what the port says', () => {
  it('is a mark, the port, what was said before, and what is said now', async () => {
    await writeFile(guest.log, 'boot\n');
    const viewer = await guest.view();
    await expect.poll(() => viewer.order).toEqual(['start', 'port', 'data', 'live']);
    expect(viewer.port).toEqual(open);
    await appendFile(guest.log, 'login: ');
    await expect.poll(() => viewer.text).toBe('boot\nlogin: ');
  });

  it('comes within 10 ms when it comes after quiet', async () => {
    await writeFile(guest.log, '');
    const viewer = await guest.view();
    await expect.poll(() => viewer.order).toContain('live');
    const waits: number[] = [];
    for (let n = 0; n < 60; n += 1) {
      await sleep(12);
      const started = performance.now();
      const came = new Promise<number>((resolve) =>
        viewer.socket.once('data', () => resolve(performance.now() - started)),
      );
      await appendFile(guest.log, 'x');
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
    await writeFile(guest.log, '');
    for (let n = 0; n < 12; n += 1) {
      const viewer = await guest.view(from);
      for (let m = 0; m < 20; m += 1) {
        const line = `${n}.${m} 日本語のログ\n`;
        written += line;
        await appendFile(guest.log, line);
        if (m % 8 !== 7) continue;
        for (let older = 30; older > 0; older -= 1) {
          await rename(`${guest.log}.${older - 1}`, `${guest.log}.${older}`).catch(() => {});
        }
        await rename(guest.log, `${guest.log}.0`);
      }
      // Cut anywhere, also while there is more to come.
      await sleep(n * 2);
      viewer.socket.destroy();
      await viewer.ended;
      read.push(...viewer.bytes);
      if (viewer.marks.length > 0) from = { from: viewer.from };
      expect(viewer.marks.every(({ why }) => why !== 'gap' && why !== 'behind')).toBe(true);
    }
    const last = await guest.view(from);
    await expect.poll(() => Buffer.concat([...read, ...last.bytes]).toString()).toBe(written);
  });

  it('waits for a folder that is made by the first boot', async () => {
    await rm(guest.lab.of().serialLog.replace('/serial.log', ''), { recursive: true });
    guest.lab.hypervisor.change(off);
    const viewer = await guest.view();
    await expect.poll(() => viewer.order).toEqual(['start', 'port', 'live']);
    expect(viewer.port?.open).toBe(false);
    await mkdir(guest.log.replace('/serial.log', ''));
    await writeFile(guest.log, 'SeaBIOS\n');
    await expect.poll(() => viewer.text).toBe('SeaBIOS\n');
  });

  it('is silent when no virtlogd holds the log of a running guest', async () => {
    await writeFile(guest.log, 'last words');
    const viewer = await guest.view();
    await expect.poll(() => viewer.port?.log).toBe('silent');
    guest.lab.hypervisor.change(off);
    await expect.poll(() => viewer.port).toEqual({ ...open, open: false });
  });

  it('is read for nobody who does not read it: he is moved ahead, and others are not slowed', async () => {
    await writeFile(guest.log, '');
    const slow = await guest.view();
    const quick = await guest.view();
    await expect.poll(() => slow.order).toContain('live');
    slow.socket.pause();
    const piece = Array.from({ length: 8_000 }, (_, n) => `flood ${n} ${'y'.repeat(50)}\n`).join('');
    for (let n = 0; n < 40; n += 1) {
      await appendFile(guest.log, piece);
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

describe('what ends a stream, and what does not', () => {
  it('a guest that goes off ends nothing', async () => {
    const viewer = await guest.view();
    guest.lab.hypervisor.change(off);
    await expect.poll(() => viewer.port?.open).toBe(false);
    guest.lab.hypervisor.change(running);
    await expect.poll(() => viewer.port?.open).toBe(true);
    expect(viewer.socket.destroyed).toBe(false);
  });

  it('the removal of its server does', async () => {
    const viewer = await guest.view();
    guest.lab.hypervisor.change('absent');
    await viewer.ended;
  });

  it('a removal that was missed while libvirt was away does', async () => {
    const viewer = await guest.view();
    guest.lab.hypervisor.bodies.delete(SERVER);
    guest.lab.hypervisor.reconnect();
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
    const viewer = await guest.view(anna);
    viewer.socket.write(bytes);
    await viewer.ended;
  });

  it('leaves no descriptor, however it ends', async () => {
    await writeFile(guest.log, 'x');
    const cycle = async (end: (viewer: SerialViewer) => void) => {
      const viewer = await guest.view(anna);
      viewer.claim('take');
      await expect.poll(() => viewer.port?.writer?.id).toBe('w-anna');
      await expect.poll(() => viewer.text).toBe('x');
      end(viewer);
      await viewer.ended;
    };
    await cycle(({ socket }) => socket.destroy());
    const settled = () => readdirSync('/proc/self/fd').length;
    await sleep(300);
    for (const client of guest.clients.splice(0)) client.destroy();
    await sleep(50);
    const before = settled();
    for (let n = 0; n < 5; n += 1) {
      await cycle(({ socket }) => socket.destroy());
      await cycle(({ socket }) => void socket.end());
    }
    await sleep(300);
    for (const client of guest.clients.splice(0)) client.destroy();
    await expect.poll(settled).toBeLessThanOrEqual(before);
  });

  it('refuses a domain that is not there, and a query that is none', async () => {
    expect(await guest.lab.refused('serial', { server: 'bbbbbbbbbb' })).toMatchObject({ code: 'NO_SUCH_DOMAIN' });
    expect(await guest.lab.refused('serial', { server: SERVER, from: '1' })).toMatchObject({ code: 'BAD_REQUEST' });
    expect(await guest.lab.refused('serial', { server: SERVER, writer: 'a b' })).toMatchObject({ code: 'BAD_REQUEST' });
  });
});
