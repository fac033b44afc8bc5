import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { off, running } from './testing.ts';
import { anna, ken, open, PortLab } from './testing-port.ts';

const guest = new PortLab();

describe('the keyboard', () => {
  it('is taken, written by, and given back; everybody is told', async () => {
    const one = await guest.view(anna);
    const other = await guest.view();
    one.type('too early');
    one.claim('take');
    const held = { ...open, writer: { id: 'w-anna', label: '佐藤 花子' } };
    await expect.poll(() => [one.port, other.port]).toEqual([held, held]);
    one.type('root\n');
    one.type('日本語');
    await expect.poll(guest.heard).toBe('root\n日本語');
    one.claim('release');
    await expect.poll(() => [one.port, other.port]).toEqual([open, open]);
    await expect.poll(() => guest.clients.every(({ destroyed }) => destroyed)).toBe(true);
  });

  it('belongs to one at a time, is had by force, and is free when its holder goes', async () => {
    const first = await guest.view(anna);
    const second = await guest.view(ken);
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
    await expect.poll(guest.heard).toBe('mine');
    second.socket.destroy();
    await expect.poll(() => first.port).toEqual(open);
  });

  it('is still held by one who came again before his old stream has ended', async () => {
    const old = await guest.view(anna);
    old.claim('take');
    await expect.poll(() => old.port?.writer?.id).toBe('w-anna');
    const again = await guest.view(anna);
    old.socket.destroy();
    await old.ended;
    again.type('still me');
    await expect.poll(guest.heard).toBe('still me');
  });

  it('is nothing for who only listens', async () => {
    const viewer = await guest.view();
    viewer.claim('force');
    viewer.type('x');
    await expect.poll(() => viewer.ports.length).toBeGreaterThan(1);
    expect(viewer.port).toEqual(open);
    expect(guest.typed).toEqual([]);
  });

  it('outlives a restart of the guest, and what is typed meanwhile is dropped, not kept', async () => {
    const viewer = await guest.view(anna);
    viewer.claim('take');
    viewer.type('before');
    await expect.poll(guest.heard).toBe('before');
    guest.port.close();
    for (const client of guest.clients) client.destroy();
    await rm(guest.lab.of().serialSocket, { force: true });
    // The socket goes before the hypervisor says so: the first that is typed finds it out.
    viewer.type('lost');
    await expect.poll(() => viewer.port?.open).toBe(false);
    guest.lab.hypervisor.change(off);
    viewer.type('to nobody');
    await sleep(300);
    await guest.listen();
    guest.lab.hypervisor.change(running);
    await expect.poll(() => viewer.port?.open).toBe(true);
    await expect.poll(() => guest.clients.length).toBeGreaterThan(1);
    viewer.type('after');
    await expect.poll(guest.heard).toBe('beforeafter');
  });

  it('types into a guest that does not listen no more than 1 MiB, and says so', async () => {
    guest.stalled = true;
    const viewer = await guest.view(anna);
    viewer.claim('take');
    await expect.poll(() => viewer.port?.writer?.id).toBe('w-anna');
    const told = viewer.ports.length;
    for (let n = 0; n < 64; n += 1) viewer.type('z'.repeat(65_536));
    await expect.poll(() => viewer.ports.length).toBeGreaterThan(told);
    expect(viewer.socket.destroyed).toBe(false);
  });

  it('carries a long paste in its order, in pieces whose echo QEMU can keep, a connection each', async () => {
    const viewer = await guest.view(anna);
    viewer.claim('take');
    const paste = Array.from({ length: 2_000 }, (_, n) => `${n} 日本\n`).join('');
    for (let at = 0; at < paste.length; at += 777) viewer.type(paste.slice(at, at + 777));
    await expect.poll(guest.heard).toBe(paste);
    expect(Math.max(...guest.typed.map(({ length }) => length))).toBe(128);
  });

  it('is never waited for: what the guest says there is read and dropped', async () => {
    guest.stalled = true;
    const viewer = await guest.view(anna);
    viewer.claim('take');
    await expect.poll(() => guest.clients.length).toBe(1);
    let drained = 0;
    for (let n = 0; n < 200; n += 1) {
      await new Promise<void>((resolve) => guest.clients[0]?.write(Buffer.alloc(65_536), () => resolve()));
      drained += 1;
    }
    expect(drained).toBe(200);
  });
});
