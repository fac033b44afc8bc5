import { describe, expect, test } from 'vitest';
import type { LifecycleEvent } from './api.ts';
import { LibvirtDisconnectedError } from './errors.ts';
import { noAnswer } from './fake-libvirtd.ts';
import { client, next, start, until, web } from './fake-session.ts';
import { FRAME_BYTES_MAX } from './frames.ts';

describe('broken connections', () => {
  test('cut in the middle of an answer: unknown, then connected again', async () => {
    let cuts = 0;
    const fake = await start({
      domainCreateWithFlags: (_args, peer) => {
        cuts++;
        peer.write(Buffer.from([0, 0, 0, 60, 0x20, 0]), () => peer.destroy());
        return noAnswer;
      },
    });
    const libvirt = client(fake);
    await libvirt.ready();
    const back = next((listener) => libvirt.onConnected(listener));
    const error = await libvirt.domainCreate(web).catch((each) => each);
    expect(error).toBeInstanceOf(LibvirtDisconnectedError);
    expect(error.sent).toBe(true);
    await back;
    // Not sent again by itself: whoever called decides.
    expect(cuts).toBe(1);
  });

  test.each([
    [
      'a frame too long',
      (() => {
        const bytes = Buffer.alloc(64);
        bytes.writeUInt32BE(FRAME_BYTES_MAX + 1);
        return bytes;
      })(),
    ],
    ['text', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ])('%s instead of an answer: the call ends as unknown, the connection is replaced', async (_name, bytes) => {
    const fake = await start({
      domainGetXmlDesc: (_args, peer) => {
        peer.write(bytes);
        return noAnswer;
      },
    });
    const libvirt = client(fake);
    await libvirt.ready();
    const back = next((listener) => libvirt.onConnected(listener));
    await expect(libvirt.domainGetXmlDesc(web)).rejects.toThrow(/not its protocol/);
    await back;
  });

  test('the daemon is killed and comes back: told once each way, events registered before onConnected', async () => {
    const fake = await start({ connectGetHostname: () => ({ hostname: 'h' }) });
    const libvirt = client(fake);
    const told: string[] = [];
    libvirt.onConnected(() => told.push(`connected, ${fake.listening.size} listening`));
    libvirt.onDisconnected((error) => told.push(error.name));
    const events: LifecycleEvent[] = [];
    libvirt.onLifecycle((event) => events.push(event));
    await libvirt.ready();
    fake.emitLifecycle(web, 2, 0);
    await until(() => events.length === 1);

    await fake.kill();
    await until(() => !libvirt.connected);
    await expect(libvirt.getHostname()).rejects.toMatchObject({ sent: false });
    await fake.listen();
    await libvirt.ready();

    expect(told).toEqual(['connected, 1 listening', 'LibvirtDisconnectedError', 'connected, 1 listening']);
    expect(await libvirt.getHostname()).toBe('h');
    fake.emitLifecycle(web, 5, 0);
    await until(() => events.length === 2);
    expect(events).toEqual([
      { domain: web, event: 2, detail: 0 },
      { domain: web, event: 5, detail: 0 },
    ]);
  });

  test('only the events connection breaks: calls go on, and the client tells to list anew', async () => {
    const fake = await start({
      domainGetState: async () => {
        await new Promise((resolve) => setTimeout(resolve, 50));
        return { state: 1, reason: 1 };
      },
    });
    const libvirt = client(fake);
    await libvirt.ready();
    const call = libvirt.domainGetState(web);
    const back = next((listener) => libvirt.onConnected(listener));
    for (const peer of fake.listening) peer.destroy();
    expect(await call).toEqual({ state: 1, reason: 1 });
    await back;
    expect(fake.listening.size).toBe(1);
  });

  test('the pause between attempts grows from 250 ms', async () => {
    const fake = await start();
    await fake.kill();
    const pauses: unknown[] = [];
    const libvirt = client(fake, { log: (_level, _message, fields) => pauses.push(fields?.retryMs) });
    await expect(libvirt.ready(100)).rejects.toThrow();
    // Attempts at 0, 250 and 750 ms, of three connections.
    await until(() => pauses.length >= 9);
    expect(pauses.slice(0, 9)).toEqual([250, 250, 250, 500, 500, 500, 1000, 1000, 1000]);
  });
});

describe('keepalive', () => {
  test('pings are answered, and sent', async () => {
    const fake = await start();
    const libvirt = client(fake, { keepaliveIntervalMs: 20 });
    await libvirt.ready();
    fake.ping();
    await until(() => fake.pongs === 3 && fake.pings >= 6);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(libvirt.connected).toBe(true);
  });

  test('a daemon that has gone silent is left, and calls under way end as unknown', async () => {
    const fake = await start({ domainGetState: () => noAnswer });
    const libvirt = client(fake, { keepaliveIntervalMs: 20 });
    await libvirt.ready();
    const down = next((listener) => libvirt.onDisconnected(listener));
    fake.answersPings = false;
    await expect(libvirt.domainGetState(web)).rejects.toMatchObject({ name: 'LibvirtDisconnectedError', sent: true });
    await down;
    fake.answersPings = true;
    await libvirt.ready();
  });

  test('a daemon without keepalive is not pinged', async () => {
    const fake = await start({ connectSupportsFeature: () => ({ supported: 0 }) });
    const libvirt = client(fake, { keepaliveIntervalMs: 10 });
    await libvirt.ready();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(fake.pings).toBe(0);
    expect(libvirt.connected).toBe(true);
  });
});
