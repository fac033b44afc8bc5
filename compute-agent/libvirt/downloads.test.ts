/** Downloads from a daemon that misbehaves on request. */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { LibvirtDisconnectedError, LibvirtError, LibvirtProtocolError, LibvirtTimeoutError } from './errors.ts';
import { errorPayload, type FakeLibvirtd, type Handlers, noAnswer } from './fake-libvirtd.ts';
import { client, start, until, web } from './fake-session.ts';
import { MessageStatus } from './frames.ts';

const vol = { pool: 'disks', name: 'root', key: '/disks/root' };
const { ok, error, continue: more } = MessageStatus;
const diskFull = new LibvirtError('no space left', { code: 38, domain: 18, level: 2 });
const calls: Handlers = { connectGetHostname: () => ({ hostname: 'h' }) };

type Peer = { fake: FakeLibvirtd; peer: Socket; serial: number };

/** `begin` runs once the answer has been sent. */
async function downloading(begin: (peer: Peer) => void | Promise<void>, options: { deadlineMs?: number } = {}) {
  const fake: FakeLibvirtd = await start({
    ...calls,
    storageVolDownload: (_args, peer, serial) => void setImmediate(() => begin({ fake, peer, serial })),
    domainScreenshot: (_args, peer, serial) => {
      setImmediate(() => begin({ fake, peer, serial }));
      return { mime: 'image/png' };
    },
  });
  fake.onStream = (frame, peer) => {
    if (frame.status === ok) fake.packet(peer, 'storageVolDownload', frame.serial, ok);
  };
  const libvirt = client(fake, options);
  await libvirt.ready();
  return { fake, libvirt };
}
const sendAll =
  (bytes: Buffer) =>
  ({ fake, peer, serial }: Peer) => {
    for (let at = 0; at < bytes.length; at += 60_000) {
      fake.packet(peer, 'storageVolDownload', serial, more, bytes.subarray(at, at + 60_000));
    }
    fake.packet(peer, 'storageVolDownload', serial, more);
  };

/** The stream's connection is gone, the client's three are there. */
const freed = (fake: FakeLibvirtd) => until(() => fake.peers.size === 3);

describe('download', () => {
  test('all bytes, on a connection of its own without keepalive, which is given back', async () => {
    const bytes = randomBytes(500_000);
    const { fake, libvirt } = await downloading(sendAll(bytes));
    const stream = await libvirt.storageVolDownload(vol, { offset: 5n, length: 500_000n });
    expect(fake.peers.size).toBe(4);
    expect((await buffer(stream)).equals(bytes)).toBe(true);
    await freed(fake);
    expect(fake.named('storageVolDownload')[0]?.args).toEqual({ vol, offset: 5n, length: 500_000n, flags: 0 });
    expect(fake.named('connectSupportsFeature')).toHaveLength(3);
    expect(fake.named('connectOpen')).toHaveLength(4);
  });

  test('byte by byte, and nothing at all', async () => {
    const bytes = randomBytes(300);
    const { fake, libvirt } = await downloading(sendAll(bytes));
    fake.byteByByte = true;
    expect((await buffer(await libvirt.storageVolDownload(vol))).equals(bytes)).toBe(true);
    const empty = await downloading(sendAll(Buffer.alloc(0)));
    expect(await buffer(await empty.libvirt.storageVolDownload(vol))).toHaveLength(0);
  });

  test('the first bytes may overtake the answer', async () => {
    const fake: FakeLibvirtd = await start({
      storageVolDownload: (_args, peer, serial) => sendAll(Buffer.from('early'))({ fake, peer, serial }),
    });
    fake.onStream = (frame, peer) => fake.packet(peer, 'storageVolDownload', frame.serial, ok);
    expect(`${await buffer(await client(fake).storageVolDownload(vol))}`).toBe('early');
  });

  test('a reader that does not read: the daemon is held up, other calls are not', async () => {
    let written = 0;
    const total = 32 * 1024 * 1024;
    const { fake, libvirt } = await downloading(
      async ({ fake, peer, serial }) => {
        for (; written < total; written += 65_536) {
          fake.packet(peer, 'storageVolDownload', serial, more, Buffer.alloc(65_536, written / 65_536));
          while (peer.writableLength > 65_536) await new Promise((resolve) => setTimeout(resolve, 1));
        }
        fake.packet(peer, 'storageVolDownload', serial, more);
      },
      { deadlineMs: 200 },
    );
    const stream = await libvirt.storageVolDownload(vol);
    // Longer than the deadline: it counts only while somebody reads.
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(written).toBeLessThan(4 * 1024 * 1024);
    expect(await libvirt.getHostname()).toBe('h');
    let read = 0;
    for await (const chunk of stream as AsyncIterable<Buffer>) read += chunk.length;
    expect(read).toBe(total);
    await freed(fake);
  });

  test('aborted: the daemon is told, and the connection given back', async () => {
    const { fake, libvirt } = await downloading(({ fake, peer, serial }) =>
      fake.packet(peer, 'storageVolDownload', serial, more, Buffer.from('some')),
    );
    const statuses: number[] = [];
    fake.onStream = (frame) => statuses.push(frame.status);
    const stream = await libvirt.storageVolDownload(vol);
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      expect(`${chunk}`).toBe('some');
      break;
    }
    await freed(fake);
    expect(statuses).toEqual([error]);
  });

  test('screenshot: its kind, its bytes', async () => {
    const { fake, libvirt } = await downloading(({ fake, peer, serial }) => {
      fake.packet(peer, 'domainScreenshot', serial, more, Buffer.from('picture'));
      fake.packet(peer, 'domainScreenshot', serial, more);
    });
    fake.onStream = (frame, peer) => fake.packet(peer, 'domainScreenshot', frame.serial, ok);
    const { mime, stream } = await libvirt.domainScreenshot(web, 1);
    expect([mime, `${await buffer(stream)}`]).toEqual(['image/png', 'picture']);
    expect(fake.named('domainScreenshot')[0]?.args).toEqual({ dom: web, screen: 1, flags: 0 });
  });
});

describe('a download ends in an error', () => {
  const read = async (begin: (peer: Peer) => void, deadlineMs = 5_000) => {
    const { fake, libvirt } = await downloading(begin, { deadlineMs });
    const failure = await buffer(await libvirt.storageVolDownload(vol)).catch((each: unknown) => each);
    await freed(fake);
    expect(await libvirt.getHostname()).toBe('h');
    return failure;
  };

  test('libvirt’s own, in the middle: with its code', async () => {
    const failure = await read(({ fake, peer, serial }) => {
      fake.packet(peer, 'storageVolDownload', serial, more, Buffer.from('a'));
      fake.packet(peer, 'storageVolDownload', serial, error, errorPayload(diskFull));
    });
    expect(failure).toMatchObject({ name: 'LibvirtError', code: 38, procedure: 'storageVolDownload' });
  });

  test('the connection breaks', async () => {
    const failure = await read(({ peer }) => void peer.destroy());
    expect(failure).toMatchObject({ name: 'LibvirtDisconnectedError', sent: true });
  });

  test('silence', async () => {
    const failure = await read(() => {}, 100);
    expect(failure).toMatchObject({ name: 'LibvirtTimeoutError', sent: true, deadlineMs: 100 });
  });

  test('silence instead of the confirmation', async () => {
    const { fake, libvirt } = await downloading(sendAll(Buffer.from('a')), { deadlineMs: 100 });
    fake.onStream = () => {};
    await expect(buffer(await libvirt.storageVolDownload(vol))).rejects.toBeInstanceOf(LibvirtTimeoutError);
    await freed(fake);
  });

  test('what is not the protocol', async () => {
    const failure = await read(({ fake, peer, serial }) => fake.packet(peer, 'storageVolDownload', serial + 1, more));
    expect(failure).toBeInstanceOf(LibvirtDisconnectedError);
    expect((failure as Error).cause).toBeInstanceOf(LibvirtProtocolError);
  });

  test('the client is closed', async () => {
    const { fake, libvirt } = await downloading(() => {});
    const reading = buffer(await libvirt.storageVolDownload(vol));
    reading.catch(() => {});
    await libvirt.close();
    await expect(reading).rejects.toThrow('the client is closed');
    await until(() => fake.peers.size === 0);
    await expect(libvirt.storageVolDownload(vol)).rejects.toMatchObject({ sent: false });
  });
});

describe('a stream that never opens', () => {
  test('libvirt refuses', async () => {
    const fake = await start({
      storageVolDownload: () => {
        throw new LibvirtError('no volume', { code: 50, domain: 18, level: 2 });
      },
    });
    const libvirt = client(fake);
    await libvirt.ready();
    await expect(libvirt.storageVolDownload(vol)).rejects.toMatchObject({ name: 'LibvirtError', code: 50 });
    await freed(fake);
  });

  test('no answer: unknown', async () => {
    const fake = await start({ storageVolUpload: () => noAnswer });
    const libvirt = client(fake);
    await libvirt.ready();
    await expect(libvirt.storageVolUpload(vol, {}, { deadlineMs: 100 })).rejects.toMatchObject({
      name: 'LibvirtTimeoutError',
      procedure: 'storageVolUpload',
      sent: true,
    });
    await freed(fake);
  });

  test('nobody listens, or the handshake fails: not sent', async () => {
    const fake = await start();
    const libvirt = client(fake);
    await libvirt.ready();
    await fake.kill();
    await expect(libvirt.storageVolUpload(vol)).rejects.toMatchObject({
      name: 'LibvirtDisconnectedError',
      sent: false,
    });
  });
});
