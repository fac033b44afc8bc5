import { describe, expect, test } from 'vitest';
import type { LifecycleEvent } from './api.ts';
import { LibvirtDisconnectedError, LibvirtError, LibvirtErrorCode, LibvirtTimeoutError } from './errors.ts';
import { noAnswer } from './fake-libvirtd.ts';
import { client, next, start, until, web } from './fake-session.ts';

test('calls that take long hold up no question, however many there are', async () => {
  const fake = await start({
    domainCreateWithFlags: () => noAnswer,
    connectListAllDomains: () => ({ domains: [web], count: 1 }),
  });
  const libvirt = client(fake, { deadlineMs: 1_000 });
  await libvirt.ready();
  for (let i = 0; i < 6; i++) libvirt.domainCreate(web, 0, { deadlineMs: 60_000 }).catch(() => {});
  await until(() => fake.named('domainCreateWithFlags').length === 4);
  expect(await libvirt.listAllDomains()).toEqual([web]);
  expect(fake.named('domainCreateWithFlags')).toHaveLength(4);
});

test('as many calls under way as one is told', async () => {
  const fake = await start({ domainGetState: () => noAnswer });
  const libvirt = client(fake, { inFlight: 7 });
  await libvirt.ready();
  for (let i = 0; i < 9; i++) libvirt.domainGetState(web).catch(() => {});
  await until(() => fake.named('domainGetState').length === 7);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(fake.named('domainGetState')).toHaveLength(7);
});

describe('connecting', () => {
  test('three connections: two call, one registers for events', async () => {
    const fake = await start({ connectGetLibVersion: () => ({ version: 9_000_000n }) });
    const libvirt = client(fake, { uri: 'qemu:///system' });
    expect(libvirt.connected).toBe(false);
    await libvirt.ready();
    expect(libvirt.connected).toBe(true);
    await libvirt.ready();
    expect(await libvirt.getLibVersion()).toBe('9.0.0');
    expect(fake.peers.size).toBe(3);
    expect(fake.named('connectOpen').map(({ args }) => args)).toEqual(
      Array(3).fill({ name: 'qemu:///system', flags: 0 }),
    );
    expect(fake.named('connectDomainEventCallbackRegisterAny')).toHaveLength(2);
  });

  test('nobody listens: ready says where and why, calls say that nothing was sent', async () => {
    const fake = await start();
    await fake.kill();
    const libvirt = client(fake);
    await expect(libvirt.ready(100)).rejects.toThrow(/no connection to .*sock within 100 ms: .*(ENOENT|ECONNREFUSED)/);
    const error = await libvirt.listAllDomains().catch((each) => each);
    expect(error).toBeInstanceOf(LibvirtDisconnectedError);
    expect(error.sent).toBe(false);
    await fake.listen();
    await libvirt.ready();
  });

  test('a daemon that wants a password is not connected to', async () => {
    const fake = await start({ authList: () => ({ types: [1] }) });
    await expect(client(fake).ready(300)).rejects.toThrow(/authentication/);
  });

  test('a daemon that refuses the hypervisor is named', async () => {
    const fake = await start({
      connectOpen: () => {
        throw new LibvirtError('no connection driver available', { code: 5, domain: 0, level: 2 });
      },
    });
    await expect(client(fake).ready(300)).rejects.toThrow(/no connection driver/);
  });

  test('closed by us: calls are refused, nothing reconnects', async () => {
    const fake = await start();
    const libvirt = client(fake);
    await libvirt.ready();
    await libvirt.close();
    await until(() => fake.peers.size === 0);
    await expect(libvirt.getHostname()).rejects.toThrow('the client is closed');
    await expect(libvirt.ready()).rejects.toThrow('the client is closed');
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(fake.peers.size).toBe(0);
  });

  test('closed before it ever connected', async () => {
    const fake = await start();
    const libvirt = client(fake);
    await libvirt.close();
    await until(() => fake.peers.size === 0);
    expect(libvirt.connected).toBe(false);
  });
});

describe('calls', () => {
  test('answers that come byte by byte', async () => {
    const fake = await start({ connectListAllDomains: () => ({ domains: [web, { ...web, id: -1 }], count: 2 }) });
    fake.byteByByte = true;
    const libvirt = client(fake);
    await libvirt.ready();
    expect(await libvirt.listAllDomains()).toEqual([web, { ...web, id: -1 }]);
  });

  test('answers out of order find their calls', async () => {
    const fake = await start({
      domainLookupByName: async ({ name }) => {
        await new Promise((resolve) => setTimeout(resolve, name === 'slow' ? 60 : 1));
        return { dom: { ...web, name } };
      },
    });
    const libvirt = client(fake);
    await libvirt.ready();
    const order: string[] = [];
    await Promise.all(
      ['slow', 'a', 'b'].map(async (name) => {
        expect((await libvirt.domainLookupByName(name)).name).toBe(name);
        order.push(name);
      }),
    );
    expect(order.at(-1)).toBe('slow');
  });

  test('never more than four at a time, all of them answered', async () => {
    let now = 0;
    let most = 0;
    const fake = await start({
      connectGetHostname: async () => {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setTimeout(resolve, 5));
        now--;
        return { hostname: 'h' };
      },
    });
    const libvirt = client(fake);
    await libvirt.ready();
    expect(await Promise.all(Array.from({ length: 50 }, () => libvirt.getHostname()))).toHaveLength(50);
    expect(most).toBe(4);
  });

  test('an error keeps its code', async () => {
    const fake = await start({
      domainLookupByName: () => {
        throw new LibvirtError('Domain not found', { code: LibvirtErrorCode.noDomain, domain: 10, level: 2 });
      },
    });
    const libvirt = client(fake);
    await libvirt.ready();
    const error = await libvirt.domainLookupByName('x').catch((each) => each);
    expect(error).toBeInstanceOf(LibvirtError);
    expect(error).toMatchObject({ code: 42, domain: 10, procedure: 'domainLookupByName' });
  });

  test('one hung call does not hold up the others', async () => {
    const fake = await start({ domainGetState: () => noAnswer, connectGetHostname: () => ({ hostname: 'h' }) });
    const libvirt = client(fake);
    await libvirt.ready();
    const hung = libvirt.domainGetState(web, { deadlineMs: 50 });
    await libvirt.getHostname();
    const error = await hung.catch((each) => each);
    expect(error).toBeInstanceOf(LibvirtTimeoutError);
    expect(error.message).toMatch(/domainGetState.*50 ms.*unknown/);
    expect(await libvirt.getHostname()).toBe('h');
  });

  test('four hung calls: the connection is replaced, and calls go through again', async () => {
    const fake = await start({ domainGetState: () => noAnswer, connectGetHostname: () => ({ hostname: 'h' }) });
    const libvirt = client(fake);
    await libvirt.ready();
    const back = next((listener) => libvirt.onConnected(listener));
    const hung = Array.from({ length: 4 }, () => libvirt.domainGetState(web, { deadlineMs: 50 }));
    const waiting = libvirt.getHostname();
    const outcomes = await Promise.allSettled([...hung, waiting]);
    const reasons = outcomes.map((each) => (each as PromiseRejectedResult).reason);
    expect(reasons.slice(0, 4).every((reason) => reason instanceof LibvirtTimeoutError && reason.sent)).toBe(true);
    expect(reasons[4]).toBeInstanceOf(LibvirtDisconnectedError);
    expect(reasons[4].sent).toBe(false);
    await back;
    expect(await libvirt.getHostname()).toBe('h');
  });
});

describe('listeners', () => {
  test('one that throws harms neither the others nor the connection', async () => {
    const fake = await start();
    const warnings: string[] = [];
    const libvirt = client(fake, { log: (level, message) => level === 'warn' && warnings.push(message) });
    const events: LifecycleEvent[] = [];
    const reboots: string[] = [];
    libvirt.onLifecycle(() => {
      throw new Error('careless');
    });
    const forget = libvirt.onLifecycle((event) => events.push(event));
    libvirt.onReboot((domain) => reboots.push(domain.name));
    await libvirt.ready();
    fake.emitLifecycle(web, 2, 0);
    fake.emitReboot(web);
    await until(() => reboots.length === 1);
    expect(events).toHaveLength(1);
    expect(warnings).toEqual(['a listener of the libvirt client threw']);
    forget();
    fake.emitLifecycle(web, 5, 0);
    fake.emitReboot(web);
    await until(() => reboots.length === 2);
    expect(events).toHaveLength(1);
    expect(libvirt.connected).toBe(true);
  });
});
