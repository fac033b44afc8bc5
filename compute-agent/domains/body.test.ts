import { XMLParser } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import type { DomainSpec } from '../contract/shapes.ts';
import { type BodyOptions, bodyHash, buildDomainXml } from './body.ts';
import { METADATA_NAMESPACE, MetadataError, parseMetadata } from './parse.ts';

const volume = { id: 'vol_abcdefghijklmnop', sizeGiB: 20, format: 'qcow2', backingDigest: 'd'.repeat(64) } as const;
const vif = {
  index: 0,
  mac: '52:54:00:aa:00:01',
  ipv4: { address: '10.77.0.11', prefix: 24, gateway: '10.77.0.1' },
  ipv6: { address: 'fd77::b', gateway: 'fd77::1' },
};
const spec: DomainSpec = {
  uuid: '7f0c6a54-3c1e-4a4e-9b57-0d1c5e0f6a11',
  vcpu: 2,
  memoryMiB: 1024,
  firmware: 'bios',
  virtio: true,
  disks: [volume],
  vifs: [vif],
};
const options = (more: Partial<BodyOptions> = {}): BodyOptions => ({
  serverId: 'abcdefghij',
  owner: 'h_one',
  generation: 7,
  spec,
  accelerator: { type: 'qemu', cpu: null },
  bridge: 'tsubo0',
  filterName: 'tsubo-abcdefghij',
  paths: {
    volume: (id) => `/data/volumes/abcdefghij/${id}.qcow2`,
    image: (digest) => `/data/images/${digest}.qcow2`,
    seed: '/data/seeds/abcdefghij.iso',
    serialLog: '/data/serial/abcdefghij/serial.log',
    serialSocket: '/run/tsubo/abcdefghij/serial.sock',
    vncSocket: '/run/tsubo/abcdefghij/vnc.sock',
    agentSocket: '/run/tsubo/abcdefghij/agent.sock',
  },
  ...more,
});

// biome-ignore lint/suspicious/noExplicitAny: a document without a type
const read = (more: Partial<BodyOptions> = {}): any =>
  new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '',
    parseTagValue: false,
    isArray: (name) => ['disk', 'interface'].includes(name),
  }).parse(buildDomainXml(options(more))).domain;

describe('the domain of a server', () => {
  it('has the name, uuid and sizes of its spec', () => {
    const domain = read();
    expect(domain).toMatchObject({
      type: 'qemu',
      name: 'abcdefghij',
      uuid: spec.uuid,
      vcpu: '2',
      memory: { unit: 'MiB', '#text': '1024' },
      on_crash: 'destroy',
      on_poweroff: 'destroy',
      on_reboot: 'restart',
    });
    expect(domain.os.type.machine).toBe('pc');
    expect(domain).not.toHaveProperty('memtune');
    expect(domain).not.toHaveProperty('cpu');
  });

  it('names every format of the backing chain, to its end', () => {
    const [disk, cdrom] = read().devices.disk;
    expect(disk).toMatchObject({
      driver: { name: 'qemu', type: 'qcow2', discard: 'unmap' },
      source: { file: '/data/volumes/abcdefghij/vol_abcdefghijklmnop.qcow2' },
      backingStore: {
        type: 'file',
        format: { type: 'qcow2' },
        source: { file: `/data/images/${'d'.repeat(64)}.qcow2`, seclabel: { model: 'dac', relabel: 'no' } },
        backingStore: '',
      },
      target: { dev: 'vda', bus: 'virtio' },
    });
    expect(cdrom).toMatchObject({
      device: 'cdrom',
      driver: { type: 'raw' },
      source: { file: '/data/seeds/abcdefghij.iso', startupPolicy: 'optional' },
      target: { dev: 'hda', bus: 'ide' },
      readonly: '',
    });
  });

  it('is the same as before there was a choice of firmware, where the choice is BIOS', () => {
    expect(read().os).toEqual({ type: { arch: 'x86_64', machine: 'pc', '#text': 'hvm' }, boot: { dev: 'hd' } });
    const [disk, cdrom] = read({ spec: { ...spec, virtio: false } }).devices.disk;
    expect([disk.target, cdrom.target]).toEqual([
      { dev: 'hda', bus: 'ide' },
      { dev: 'hdd', bus: 'ide' },
    ]);
  });

  it.each([
    [true, { dev: 'vda', bus: 'virtio' }, { dev: 'sda', bus: 'sata' }],
    [false, { dev: 'sda', bus: 'sata' }, { dev: 'sdd', bus: 'sata' }],
  ])('has q35, OVMF without Secure Boot and SATA with UEFI (Virtio %s)', (virtio, disk, cdrom) => {
    const uefi = { spec: { ...spec, firmware: 'uefi', virtio } as const };
    expect(buildDomainXml(options(uefi))).toContain(
      '<os firmware="efi"><type arch="x86_64" machine="q35">hvm</type>' +
        '<firmware><feature enabled="no" name="secure-boot"/></firmware><boot dev="hd"/></os>',
    );
    expect(read(uefi).devices.disk.map(({ target }: { target: unknown }) => target)).toEqual([disk, cdrom]);
  });

  it('has its interface named, filtered and isolated, and no bandwidth', () => {
    const [nic] = read().devices.interface;
    expect(nic).toMatchObject({
      type: 'bridge',
      source: { bridge: 'tsubo0' },
      mac: { address: vif.mac },
      target: { dev: 'vabcdefghij-0' },
      model: { type: 'virtio' },
      port: { isolated: 'yes' },
      filterref: { filter: 'tsubo-abcdefghij' },
    });
    expect(nic).not.toHaveProperty('bandwidth');
  });

  it('opens unix sockets only, of which VNC takes everybody', () => {
    const { graphics, serial, channel } = read().devices;
    expect(graphics).toEqual({
      type: 'vnc',
      sharePolicy: 'ignore',
      listen: { type: 'socket', socket: '/run/tsubo/abcdefghij/vnc.sock' },
    });
    expect(serial).toMatchObject({
      type: 'unix',
      source: { mode: 'bind', path: '/run/tsubo/abcdefghij/serial.sock' },
      log: { file: '/data/serial/abcdefghij/serial.log', append: 'on' },
    });
    expect(channel.target.name).toBe('org.qemu.guest_agent.0');
  });

  it('without Virtio: IDE disks around the seed, and e1000', () => {
    const second = { ...volume, id: 'vol_bbbbbbbbbbbbbbbb' };
    const third = { ...volume, id: 'vol_cccccccccccccccc' };
    const { devices } = read({ spec: { ...spec, virtio: false, disks: [volume, second, third] } });
    const targets = devices.disk.map((disk: { target: unknown }) => disk.target);
    expect(targets).toEqual(['hda', 'hdb', 'hdc', 'hdd'].map((dev) => ({ dev, bus: 'ide' })));
    expect(devices.interface[0].model.type).toBe('e1000');
    const four = [volume, second, third, { ...volume, id: 'vol_dddddddddddddddd' }];
    expect(() => read({ spec: { ...spec, virtio: false, disks: four } })).toThrow('room for three');
  });

  it('takes the accelerator and CPU that the probe found', () => {
    expect(read({ accelerator: { type: 'kvm', cpu: 'host-passthrough' } })).toMatchObject({
      type: 'kvm',
      cpu: { mode: 'host-passthrough' },
    });
    expect(read({ accelerator: { type: 'kvm', cpu: 'qemu64' } }).cpu).toMatchObject({
      mode: 'custom',
      model: { fallback: 'forbid', '#text': 'qemu64' },
    });
  });

  it('leaves the shared image as it is: libvirt would give it to the user of QEMU', () => {
    const [disk] = read().devices.disk;
    expect(disk.backingStore.source.seclabel).toEqual({ model: 'dac', relabel: 'no' });
    expect(disk.source.seclabel).toBeUndefined();
  });

  it('escapes what stands in it', () => {
    const domain = read({ bridge: `a"b<c>&d` });
    expect(domain.devices.interface[0].source.bridge).toBe(`a"b<c>&d`);
  });
});

describe('its metadata', () => {
  it('comes back as it went in', () => {
    const xml = buildDomainXml(options());
    expect(parseMetadata(xml)).toEqual({
      owner: 'h_one',
      bridge: 'tsubo0',
      generation: 7,
      spec,
      body: bodyHash(options()),
    });
  });

  it('comes back whatever the prefix, which libvirt or a person may choose', () => {
    const xml = buildDomainXml(options()).replaceAll('tsubo:s', 'ns0:s').replace('xmlns:tsubo', 'xmlns:ns0');
    expect(parseMetadata(xml)?.spec).toEqual(spec);
  });

  it.each([
    ['none', '<domain><name>x</name></domain>'],
    ['no element', '<domain><metadata/></domain>'],
    ["somebody else's", '<domain><metadata><a:server xmlns:a="urn:x" generation="1"/></metadata></domain>'],
  ])('is null where there is %s', (_, xml) => {
    expect(parseMetadata(xml)).toBeNull();
  });

  it.each([
    ['generation', (xml: string) => xml.replace('generation="7"', 'generation="0"')],
    ['spec', (xml: string) => xml.replace('&quot;vcpu&quot;:2', '&quot;vcpu&quot;:0')],
    ['JSON', (xml: string) => xml.replace('&quot;vcpu&quot;:2', '')],
  ])('is an error, not null, where its %s is broken', (_, breakIt) => {
    expect(() => parseMetadata(breakIt(buildDomainXml(options())))).toThrow(MetadataError);
  });

  it('is bound to its namespace', () => {
    expect(buildDomainXml(options())).toContain(`xmlns:tsubo="${METADATA_NAMESPACE}"`);
  });
});

describe('bodyHash', () => {
  it('changes with what is defined, and not with the generation', () => {
    const hash = bodyHash(options());
    expect(bodyHash(options({ generation: 8 }))).toBe(hash);
    expect(bodyHash(options({ accelerator: { type: 'kvm', cpu: 'host-passthrough' } }))).not.toBe(hash);
    expect(bodyHash(options({ spec: { ...spec, memoryMiB: 2048 } }))).not.toBe(hash);
  });
});
