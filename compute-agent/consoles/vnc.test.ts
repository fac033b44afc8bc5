import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { rename, symlink } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dial } from '../testing-stream.ts';
import { ConsoleLab, gather, off, SERVER } from './testing.ts';

let lab: ConsoleLab;
/** The ends that QEMU holds. */
let qemu: Socket[];
beforeEach(async () => {
  lab = await ConsoleLab.create();
  qemu = [];
  await lab.listen(lab.of().vncSocket, (socket) => {
    qemu.push(socket);
    socket.write('RFB 003.008\n');
  });
});
afterEach(() => lab.destroy());

const descriptors = () => readdirSync('/proc/self/fd').length;

describe('the stream of a screen', () => {
  it('carries bytes both ways as they are', async () => {
    const viewer = await lab.open('vnc');
    const seen = gather(viewer);
    await expect.poll(() => seen.text).toBe('RFB 003.008\n');
    const said = gather(qemu[0] as Socket);
    const bytes = randomBytes(300_000);
    viewer.write(bytes);
    await expect.poll(() => said.bytes).toBe(bytes.length);
    expect(said.text).toBe(bytes.toString('latin1'));
    viewer.destroy();
  });

  it('loses and doubles nothing in bulk, in pieces of every size', async () => {
    const viewer = await lab.open('vnc');
    const [source] = qemu as [Socket];
    const sent = createHash('sha256').update('RFB 003.008\n');
    const got = createHash('sha256');
    let bytes = 12;
    let came = 0;
    viewer.on('data', (chunk: Buffer) => {
      got.update(chunk);
      came += chunk.length;
    });
    for (let n = 0; n < 400; n += 1) {
      const piece = randomBytes([1, 100, 255, 256, 4_096, 16_384, 32_768, 70_000, 600_000][n % 9] as number);
      sent.update(piece);
      bytes += piece.length;
      if (!source.write(piece)) await once(source, 'drain');
      if (n % 40 === 0) await sleep(7);
    }
    await expect.poll(() => came).toBe(bytes);
    expect(got.digest('hex')).toBe(sent.digest('hex'));
    viewer.destroy();
  });

  it('does not read for who does not read', async () => {
    const viewer = await lab.open('vnc');
    viewer.pause();
    const [source] = qemu as [Socket];
    let accepted = 0;
    const piece = Buffer.alloc(65_536);
    // What buffers of sockets and of TLS hold is some MiB; QEMU is then not asked any more.
    const flood = (): void => {
      while (!source.destroyed) {
        accepted += piece.length;
        if (!source.write(piece)) break;
      }
    };
    source.on('drain', flood);
    flood();
    await sleep(700);
    const after = accepted;
    await sleep(500);
    expect(accepted).toBe(after);
    expect(after).toBeLessThan(32 * 1024 * 1024);
    const seen = gather(viewer);
    viewer.resume();
    await expect.poll(() => seen.bytes).toBeGreaterThan(after);
    viewer.destroy();
  });

  it('ends on both sides when either ends, also half-open, and leaves no descriptor', async () => {
    const warm = await lab.open('vnc');
    warm.destroy();
    await sleep(200);
    for (const socket of qemu) socket.destroy();
    await sleep(100);
    const before = descriptors();
    for (const end of [
      (viewer: Socket) => viewer.destroy(),
      (viewer: Socket) => viewer.end(),
      (_: Socket, source: Socket) => source.end(),
      (_: Socket, source: Socket) => source.destroy(),
    ]) {
      const viewer = await lab.open('vnc');
      const seen = gather(viewer);
      const source = qemu.at(-1) as Socket;
      const said = gather(source);
      await expect.poll(() => seen.bytes).toBe(12);
      end(viewer, source);
      await seen.ended;
      await expect.poll(() => source.readableEnded || source.destroyed).toBe(true);
      source.destroy();
      await said.ended;
    }
    await expect.poll(descriptors).toBeLessThanOrEqual(before);
  });

  it('sends what QEMU said last before it ends', async () => {
    const viewer = await lab.open('vnc');
    const seen = gather(viewer);
    const last = randomBytes(2_000_000);
    qemu[0]?.end(last);
    await seen.ended;
    expect(seen.text).toBe(`RFB 003.008\n${last.toString('latin1')}`);
  });
});

describe('who is refused', () => {
  it.each([
    ['vnc', { server: 'bbbbbbbbbb' }, 404, 'NO_SUCH_DOMAIN'],
    ['vnc', { server: '../../etc' }, 400, 'BAD_REQUEST'],
    ['vnc', {}, 400, 'BAD_REQUEST'],
    ['rfb', { server: SERVER }, 400, 'BAD_REQUEST'],
  ] as const)('%s %j: %d %s', async (kind, query, status, code) => {
    expect(await lab.refused(kind, query)).toMatchObject({ status, code });
  });

  it('one whose server is off, and one whose socket nobody serves', async () => {
    lab.hypervisor.change(off);
    expect(await lab.refused('vnc')).toMatchObject({ status: 502, code: 'HYPERVISOR', message: 'it is off' });
    lab.hypervisor.bodies.set('cccccccccc', { state: 'running', reason: 'booted' });
    expect(await lab.refused('vnc', { server: 'cccccccccc' })).toMatchObject({ code: 'HYPERVISOR' });
  });

  it('one who does not upgrade, or to something else', async () => {
    expect(await dial(lab.peer, lab.url('vnc'), {})).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
    const websocket = { connection: 'Upgrade', upgrade: 'websocket' };
    expect(await dial(lab.peer, lab.url('vnc'), websocket)).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
  });

  it('a socket that is a link to another', async () => {
    const { vncSocket } = lab.of();
    await rename(vncSocket, `${vncSocket}.real`);
    await symlink(`${vncSocket}.real`, vncSocket);
    expect(await lab.refused('vnc')).toMatchObject({ status: 500, code: 'INTERNAL' });
    expect(qemu).toEqual([]);
  });

  it('more streams than a server may have; room is there again when one ends', async () => {
    const streams = await Promise.all(Array.from({ length: 64 }, () => lab.open('vnc')));
    expect(await lab.refused('vnc')).toMatchObject({ status: 429, code: 'BUSY' });
    streams[0]?.destroy();
    await expect.poll(() => lab.open('vnc').then((stream) => stream.destroyed, String)).toBe(false);
    for (const stream of streams) stream.destroy();
  });
});

describe('what ends all streams', () => {
  it('the removal of the server', async () => {
    const seen = gather(await lab.open('vnc'));
    lab.hypervisor.change('absent');
    await seen.ended;
  });

  it('the end of the agent, without waiting for who does not read', async () => {
    const viewer = await lab.open('vnc');
    viewer.pause();
    qemu[0]?.write(Buffer.alloc(8_000_000));
    await sleep(100);
    const started = performance.now();
    await lab.server.close(10_000);
    expect(performance.now() - started).toBeLessThan(2_000);
    viewer.destroy();
  });
});
