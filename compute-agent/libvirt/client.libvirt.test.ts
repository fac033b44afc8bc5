/** Against a real libvirtd: scripts/stack/isolate npx vitest run --project hypervisor compute-agent/libvirt */
import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DomainRef, DomainState, type LibvirtClient, type LifecycleEvent } from './api.ts';
import { connect } from './client.ts';
import { LibvirtErrorCode } from './errors.ts';
import { IsolatedLibvirtd } from './isolated-libvirtd.ts';
import { LifecycleEventType, ShutdownDetail, ShutoffReason, StoppedDetail } from './lifecycle.ts';
import { tinyGuestDisk, tinyGuestXml } from './tiny-guest.ts';

const FOLDER = '/var/lib/libvirt/images';
/** Unique in every run, because the control groups are not isolated. */
const name = `binding-${randomUUID().slice(0, 8)}`;
const uuid = randomUUID();
const xml = tinyGuestXml({ name, uuid, disk: `${FOLDER}/${name}.raw` });

let daemon: IsolatedLibvirtd;
let libvirt: LibvirtClient;
const events: LifecycleEvent[] = [];
const reboots: DomainRef[] = [];

beforeAll(async () => {
  daemon = await IsolatedLibvirtd.start();
  await writeFile(`${FOLDER}/${name}.raw`, tinyGuestDisk());
  libvirt = connect();
  libvirt.onLifecycle((event) => events.push(event));
  libvirt.onReboot((domain) => reboots.push(domain));
  await libvirt.ready(20_000);
});

afterAll(async () => {
  for (const domain of (await libvirt?.listAllDomains()) ?? []) {
    if (domain.id !== -1) await libvirt.domainDestroy(domain).catch(() => {});
    await libvirt.domainUndefine(domain).catch(() => {});
  }
  await libvirt?.close();
  await daemon?.kill();
});

async function eventually(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 600; i++) {
    if (await condition()) return;
    await sleep(100);
  }
  throw new Error(`never: ${what}; events: ${JSON.stringify(events.map(({ event, detail }) => [event, detail]))}`);
}

/** The events of the test's domain since the last time it was asked. */
let read = 0;
async function event(type: number, detail: number): Promise<void> {
  await eventually(`event ${type}/${detail}`, () => {
    const at = events.findIndex((each, i) => i >= read && each.event === type && each.detail === detail);
    if (at >= 0) read = at + 1;
    return at >= 0;
  });
  expect(events[read - 1]?.domain).toMatchObject({ name, uuid });
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    (error) => error.code,
  );

/** The guest takes a second until it listens to the button. */
async function press(button: (domain: DomainRef) => Promise<void>, domain: DomainRef, done: () => Promise<boolean>) {
  await eventually('the guest obeyed the button', async () => {
    await button(domain).catch(() => {});
    await sleep(500);
    return done();
  });
}

test('the host', async () => {
  expect(await libvirt.getVersion()).toMatch(/^\d+\.\d+\.\d+$/);
  expect(await libvirt.getLibVersion()).toMatch(/^\d+\.\d+\.\d+$/);
  expect(await libvirt.getHostname()).not.toBe('');
  expect(await libvirt.getCapabilities()).toMatch(/<capabilities>[\s\S]*<guest>[\s\S]*<\/capabilities>/);
});

describe('a domain', () => {
  let domain: DomainRef;

  test('define, look up, list, read', async () => {
    domain = await libvirt.domainDefineXml(xml);
    expect(domain).toEqual({ name, uuid, id: -1 });
    await event(LifecycleEventType.defined, 0);
    expect(await libvirt.domainLookupByName(name)).toEqual(domain);
    expect(await libvirt.domainLookupByUuid(uuid.toUpperCase())).toEqual(domain);
    expect(await libvirt.listAllDomains()).toEqual([domain]);
    // VIR_CONNECT_LIST_DOMAINS_ACTIVE
    expect(await libvirt.listAllDomains(1)).toEqual([]);
    expect(await libvirt.domainGetXmlDesc(domain)).toContain(`<uuid>${uuid}</uuid>`);
    expect(await libvirt.domainGetState(domain)).toMatchObject({ state: DomainState.shutoff });
    expect(await libvirt.domainGetInfo(domain)).toMatchObject({ maxMemKiB: 32_768n, vcpus: 1, cpuTimeNs: 0n });
  });

  test('change its devices', async () => {
    const config = 2; // VIR_DOMAIN_AFFECT_CONFIG
    const cd = (source: string) => `<disk type='file' device='cdrom'><driver name='qemu' type='raw'/>${source}
      <target dev='hdb' bus='ide'/><readonly/></disk>`;
    await libvirt.domainUpdateDevice(domain, cd(`<source file='${FOLDER}/${name}.raw'/>`), config);
    expect((await libvirt.domainGetXmlDesc(domain)).split(`${name}.raw`)).toHaveLength(3);
    await libvirt.domainUpdateDevice(domain, cd(''), config);
    expect((await libvirt.domainGetXmlDesc(domain)).split(`${name}.raw`)).toHaveLength(2);

    const watchdog = "<watchdog model='i6300esb' action='reset'/>";
    await libvirt.domainAttachDevice(domain, watchdog, config);
    expect(await libvirt.domainGetXmlDesc(domain)).toContain('i6300esb');
    await libvirt.domainDetachDevice(domain, watchdog, config);
    expect(await libvirt.domainGetXmlDesc(domain)).not.toContain('i6300esb');
  });

  test('start', async () => {
    const started = await libvirt.domainCreate(domain);
    expect(started.id).toBeGreaterThan(0);
    await event(LifecycleEventType.started, 0);
    expect(await libvirt.domainGetState(domain)).toEqual({ state: DomainState.running, reason: 1 });
    expect((await libvirt.domainGetInfo(domain)).cpuTimeNs).toBeGreaterThan(0n);
    expect(await libvirt.listAllDomains(1)).toEqual([started]);
    expect(JSON.parse(await libvirt.domainQemuMonitorCommand(domain, '{"execute":"query-status"}'))).toMatchObject({
      return: { status: 'running' },
    });
    await libvirt.domainSendKey(domain, 0, 50, [28]);
  });

  test('reboot: the guest comes back in the same domain', async () => {
    await press(
      (each) => libvirt.domainReboot(each, 1 /* VIR_DOMAIN_REBOOT_ACPI_POWER_BTN */),
      domain,
      async () => reboots.length > 0,
    );
    expect(reboots[0]).toMatchObject({ name, uuid });
    expect(await libvirt.domainGetState(domain)).toMatchObject({ state: DomainState.running });
  });

  test('shut down: the guest obeys, and the events say that it was the guest', async () => {
    const off = async () => (await libvirt.domainGetState(domain)).state === DomainState.shutoff;
    await press((each) => libvirt.domainShutdown(each), domain, off);
    await event(LifecycleEventType.shutdown, ShutdownDetail.guest);
    await event(LifecycleEventType.stopped, StoppedDetail.shutdown);
    expect((await libvirt.domainGetState(domain)).reason).toBe(ShutoffReason.shutdown);
  });

  test('start and cut the power', async () => {
    await libvirt.domainCreate(domain);
    await libvirt.domainDestroy(domain);
    await event(LifecycleEventType.shutdown, ShutdownDetail.host);
    await event(LifecycleEventType.stopped, StoppedDetail.destroyed);
    expect((await libvirt.domainGetState(domain)).reason).toBe(ShutoffReason.destroyed);
  });

  test('save its memory, and go on', async () => {
    await libvirt.domainCreate(domain);
    await libvirt.domainManagedSave(domain, 0, { deadlineMs: 60_000 });
    await event(LifecycleEventType.stopped, StoppedDetail.saved);
    expect((await libvirt.domainGetState(domain)).reason).toBe(ShutoffReason.saved);
    await libvirt.domainCreate(domain);
    await event(LifecycleEventType.started, 2);
  });

  test('libvirtd is killed and comes back: the client finds the running domain and its events again', async () => {
    const { id } = await libvirt.domainLookupByName(name);
    const told: string[] = [];
    const forget = [
      libvirt.onDisconnected(() => told.push('disconnected')),
      libvirt.onConnected(() => told.push('connected')),
    ];
    await daemon.kill();
    // Each of the connections learns of it for itself: the first call may still have been sent into the void.
    await eventually('nothing is sent any more', async () => {
      const error = await libvirt.getHostname().catch((cause: unknown) => cause);
      expect(error).toMatchObject({ name: 'LibvirtDisconnectedError' });
      return (error as { sent: boolean }).sent === false && !libvirt.connected;
    });
    await daemon.start();
    await libvirt.ready(20_000);
    expect(told).toEqual(['disconnected', 'connected']);
    for (const each of forget) each();
    expect(await libvirt.listAllDomains()).toEqual([{ name, uuid, id }]);
    expect((await libvirt.domainGetState(domain)).state).toBe(DomainState.running);

    // A monitor command waits until the new daemon has taken over the guest: see the README on destroy.
    await libvirt.domainQemuMonitorCommand(domain, '{"execute":"query-status"}');
    await libvirt.domainDestroy(domain);
    await event(LifecycleEventType.stopped, StoppedDetail.destroyed);
  });

  test('undefine', async () => {
    await libvirt.domainUndefine(domain);
    await event(LifecycleEventType.undefined, 0);
    expect(await libvirt.listAllDomains()).toEqual([]);
  });
});

describe('errors', () => {
  test('keep libvirt’s codes', async () => {
    expect(await codeOf(libvirt.domainLookupByName('nobody'))).toBe(42);
    expect(LibvirtErrorCode.noDomain).toBe(42);
    expect(await codeOf(libvirt.domainLookupByUuid(randomUUID()))).toBe(LibvirtErrorCode.noDomain);
    const gone = { name: 'gone', uuid: randomUUID(), id: -1 };
    expect(await codeOf(libvirt.domainCreate(gone))).toBe(LibvirtErrorCode.noDomain);
    expect(await codeOf(libvirt.domainDefineXml('<domain'))).toBe(LibvirtErrorCode.xmlDetail);
    expect(await codeOf(libvirt.domainDefineXml(xml.replace('>1<', '>one<')))).toBe(LibvirtErrorCode.xmlError);
    expect(await codeOf(libvirt.nwfilterLookupByName('nobody'))).toBe(LibvirtErrorCode.noNwfilter);
    expect(await codeOf(libvirt.storagePoolLookupByName('nobody'))).toBe(LibvirtErrorCode.noStoragePool);

    const domain = await libvirt.domainDefineXml(xml);
    expect(await codeOf(libvirt.domainDestroy(domain))).toBe(LibvirtErrorCode.operationInvalid);
    // The same name with another uuid.
    const other = tinyGuestXml({ name, uuid: randomUUID(), disk: `${FOLDER}/${name}.raw` });
    expect(await codeOf(libvirt.domainDefineXml(other))).toBe(LibvirtErrorCode.operationFailed);
    const running = await libvirt.domainCreate(domain);
    expect(await codeOf(libvirt.domainCreate(domain))).toBe(LibvirtErrorCode.operationInvalid);
    const ping = '{"execute":"guest-ping"}';
    expect(await codeOf(libvirt.domainAgentCommand(running, ping, 1))).toBe(LibvirtErrorCode.agentUnresponsive);
    await libvirt.domainDestroy(running);
    await libvirt.domainUndefine(running);
  });

  test('a call past its deadline is unknown, and the client goes on', async () => {
    const error = await libvirt.getCapabilities({ deadlineMs: 0 }).catch((each) => each);
    expect(error).toMatchObject({ name: 'LibvirtTimeoutError', sent: true });
    expect(await libvirt.getHostname()).not.toBe('');
  });
});

test('network filters: define, define again, undefine', async () => {
  const filter = { name, uuid: randomUUID() };
  const text = (rule: string) => `<filter name='${name}' chain='root'><uuid>${filter.uuid}</uuid>${rule}</filter>`;
  const before = (await libvirt.listAllNwfilters()).length;
  expect(await libvirt.nwfilterDefineXml(text(''))).toEqual(filter);
  await libvirt.nwfilterDefineXml(
    text("<rule action='drop' direction='out'><mac match='no' srcmacaddr='$MAC'/></rule>"),
  );
  expect(await libvirt.nwfilterGetXmlDesc(filter)).toContain("srcmacaddr='$MAC'");
  expect(await libvirt.nwfilterLookupByName(name)).toEqual(filter);
  expect(await libvirt.listAllNwfilters()).toHaveLength(before + 1);
  await libvirt.nwfilterUndefine(filter);
  expect(await codeOf(libvirt.nwfilterGetXmlDesc(filter))).toBe(LibvirtErrorCode.noNwfilter);
});

test('storage: a pool, a volume, an overlay on it', async () => {
  const folder = `${FOLDER}/${name}-pool`;
  await mkdir(folder);
  const pool = await libvirt.storagePoolDefineXml(
    `<pool type='dir'><name>${name}</name><target><path>${folder}</path></target></pool>`,
  );
  expect(await libvirt.storagePoolIsActive(pool)).toBe(false);
  await libvirt.storagePoolCreate(pool);
  expect(await libvirt.storagePoolIsActive(pool)).toBe(true);
  expect(await libvirt.storagePoolLookupByName(name)).toEqual(pool);

  const volume = (file: string, backing = '') => `<volume><name>${file}</name><capacity unit='MiB'>64</capacity>
    <target><format type='qcow2'/></target>${backing}</volume>`;
  const base = await libvirt.storageVolCreateXml(pool, volume('base.qcow2'));
  expect(base).toEqual({ pool: name, name: 'base.qcow2', key: `${folder}/base.qcow2` });
  const backing = `<backingStore><path>${base.key}</path><format type='qcow2'/></backingStore>`;
  const overlay = await libvirt.storageVolCreateXml(pool, volume('overlay.qcow2', backing));
  const described = await libvirt.storageVolGetXmlDesc(overlay);
  expect(described).toMatch(/<backingStore>\s*<path>[^<]*base\.qcow2<\/path>\s*<format type='qcow2'\/>/);
  expect(await codeOf(libvirt.storageVolCreateXml(pool, volume('base.qcow2')))).toBe(LibvirtErrorCode.storageVolExist);

  await writeFile(`${folder}/brought.raw`, 'x'.repeat(512));
  expect(await codeOf(libvirt.storageVolLookupByName(pool, 'brought.raw'))).toBe(LibvirtErrorCode.noStorageVol);
  await libvirt.storagePoolRefresh(pool);
  expect((await libvirt.storageVolLookupByName(pool, 'brought.raw')).key).toBe(`${folder}/brought.raw`);
  const volumes = await libvirt.listAllStorageVols(pool);
  expect(volumes.map((each) => each.name).sort()).toEqual(['base.qcow2', 'brought.raw', 'overlay.qcow2']);

  for (const each of volumes) await libvirt.storageVolDelete(each);
  expect(await libvirt.listAllStorageVols(pool)).toEqual([]);
  await libvirt.storagePoolDestroy(pool);
  await libvirt.storagePoolUndefine(pool);
  expect(await codeOf(libvirt.storagePoolLookupByName(name))).toBe(LibvirtErrorCode.noStoragePool);
});
