/** Uploads to a daemon that misbehaves on request. */
import { createHash, randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { expect, test } from 'vitest';
import { LibvirtError } from './errors.ts';
import { errorPayload, type FakeLibvirtd } from './fake-libvirtd.ts';
import { client, start, until } from './fake-session.ts';
import { MessageStatus } from './frames.ts';
import { STREAM_PAYLOAD_MAX } from './stream-machine.ts';

const vol = { pool: 'disks', name: 'root', key: '/disks/root' };
const { ok, error, continue: more } = MessageStatus;
const diskFull = new LibvirtError('no space left', { code: 38, domain: 18, level: 2 });

/** The stream's connection is gone, the client's three are there. */
const freed = (fake: FakeLibvirtd) => until(() => fake.peers.size === 3);

/** A daemon that keeps what comes, and confirms. */
async function taking(deadlineMs = 5_000) {
  const fake = await start({ storageVolUpload: () => undefined });
  const got = { hash: createHash('sha256'), bytes: 0, longest: 0, statuses: [] as number[] };
  fake.onStream = ({ status, payload, serial }, peer) => {
    if (status === more) {
      got.hash.update(payload);
      got.bytes += payload.length;
      got.longest = Math.max(got.longest, payload.length);
    } else got.statuses.push(status);
    if (status === ok) fake.packet(peer, 'storageVolUpload', serial, ok);
  };
  const libvirt = client(fake, { deadlineMs });
  await libvirt.ready();
  return { fake, libvirt, got };
}

test('all bytes in packets that libvirt takes, and done when libvirt says so', async () => {
  const { fake, libvirt, got } = await taking();
  const bytes = randomBytes(3 * 1024 * 1024 + 7);
  const stream = await libvirt.storageVolUpload(vol, { offset: 4096n });
  await pipeline(Readable.from([bytes.subarray(0, 1), Buffer.alloc(0), bytes.subarray(1)]), stream);
  expect(got).toMatchObject({ bytes: bytes.length, longest: STREAM_PAYLOAD_MAX, statuses: [ok] });
  expect(got.hash.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
  expect(fake.named('storageVolUpload')[0]?.args).toEqual({ vol, offset: 4096n, length: 0n, flags: 0 });
  await freed(fake);
});

test('a daemon that does not read holds up the writer, and past the deadline it is unknown', async () => {
  const { fake, libvirt, got } = await taking(300);
  const stream = await libvirt.storageVolUpload(vol);
  for (const peer of fake.peers) peer.pause();
  let written = 0;
  const endless = Readable.from(
    (function* () {
      for (; ; written += 65_536) yield Buffer.alloc(65_536);
    })(),
  );
  const failure = await pipeline(endless, stream).catch((each: unknown) => each);
  expect(failure).toMatchObject({ name: 'LibvirtTimeoutError', sent: true });
  expect(written).toBeLessThan(8 * 1024 * 1024);
  expect(got.statuses).toEqual([]);
  for (const peer of fake.peers) peer.resume();
  await freed(fake);
});

test.each([
  ['in the middle', more],
  ['at the end', ok],
])('libvirt’s error %s comes with its code', async (_name, when) => {
  const { fake, libvirt } = await taking();
  fake.onStream = ({ status, serial }, peer) => {
    if (status === when) fake.packet(peer, 'storageVolUpload', serial, error, errorPayload(diskFull));
  };
  const stream = await libvirt.storageVolUpload(vol);
  const failure = await pipeline(Readable.from([Buffer.alloc(1_000)]), stream).catch((each: unknown) => each);
  expect(failure).toMatchObject({ name: 'LibvirtError', code: 38, procedure: 'storageVolUpload' });
  await freed(fake);
});

test('cut off, and silent at the end: unknown', async () => {
  for (const [act, name] of [
    [(peer: Socket) => peer.destroy(), 'LibvirtDisconnectedError'],
    [() => {}, 'LibvirtTimeoutError'],
  ] as const) {
    const { fake, libvirt } = await taking(100);
    fake.onStream = ({ status }, peer) => void (status === ok && act(peer));
    const stream = await libvirt.storageVolUpload(vol);
    const failure = await pipeline(Readable.from([Buffer.alloc(9)]), stream).catch((each: unknown) => each);
    expect(failure).toMatchObject({ name, sent: true });
    await freed(fake);
  }
});

test('aborted by its source: the daemon is told, and confirms nothing', async () => {
  const { fake, libvirt, got } = await taking();
  const stream = await libvirt.storageVolUpload(vol);
  const broken = Readable.from(
    (function* () {
      yield Buffer.alloc(1_000);
      throw new Error('the source broke');
    })(),
  );
  await expect(pipeline(broken, stream)).rejects.toThrow('the source broke');
  await freed(fake);
  expect(got.statuses).toEqual([error]);
});

test('an idle source is nobody’s fault', async () => {
  const { libvirt, got } = await taking(100);
  const stream = await libvirt.storageVolUpload(vol);
  stream.write(Buffer.from('a'));
  await new Promise((resolve) => setTimeout(resolve, 300));
  await pipeline(Readable.from([Buffer.from('b')]), stream);
  expect(got).toMatchObject({ bytes: 2, statuses: [ok] });
});
