/** Whose a domain is, on a libvirt that two agents share. */
import { beforeEach, expect, it } from 'vitest';
import type { DomainSpec } from './contract/shapes.ts';
import { buildDomainXml } from './domains/body.ts';
import type { Change } from './driver.ts';
import type { DomainRef, LibvirtClient, LifecycleEvent } from './libvirt/api.ts';
import { LibvirtError, LibvirtErrorCode } from './libvirt/errors.ts';
import { LifecycleEventType } from './libvirt/lifecycle.ts';
import { LibvirtHypervisor } from './libvirt-driver.ts';

const [mine, theirs, old, oldTheirs] = ['aaaaaaaaaa', 'bbbbbbbbbb', 'cccccccccc', 'dddddddddd'] as const;

function xmlOf(serverId: string, owner: string, bridge: string): string {
  const vif = {
    index: 0,
    mac: '52:54:00:00:00:01',
    ipv4: { address: '10.77.0.10', prefix: 24, gateway: '10.77.0.1' },
    ipv6: { address: 'fd77::10', gateway: 'fd77::1' },
  };
  const spec: DomainSpec = {
    uuid: '00000000-0000-4000-8000-000000000000',
    vcpu: 1,
    memoryMiB: 64,
    firmware: 'bios',
    virtio: true,
    disks: [{ id: 'vol_abcdefghijklmnop', sizeGiB: 1, format: 'qcow2', backingDigest: 'a'.repeat(64) }],
    vifs: [vif],
  };
  const paths = { seed: '/s', serialLog: '/l', serialSocket: '/s', vncSocket: '/v', agentSocket: '/a' };
  return buildDomainXml({
    serverId,
    owner,
    generation: 1,
    spec,
    accelerator: { type: 'qemu', cpu: null },
    bridge,
    filterName: 'f',
    paths: { ...paths, volume: () => '/v', image: () => '/i' },
  });
}
/** As agents made them before domains named their owner. */
const withoutOwner = (xml: string): string => xml.replace(/ owner="[^"]*"/, '');

let emit: (name: string, event: number) => void;
let hypervisor: LibvirtHypervisor;
let changes: Change[];
let xmls: Map<string, string>;

beforeEach(() => {
  xmls = new Map([
    [mine, xmlOf(mine, 'h_one', 'tsubo0')],
    [theirs, xmlOf(theirs, 'h_two', 'tsubo0')],
    [old, withoutOwner(xmlOf(old, '', 'tsubo0'))],
    [oldTheirs, withoutOwner(xmlOf(oldTheirs, '', 'tsubo1'))],
  ]);
  const refOf = (name: string): DomainRef => ({ name, uuid: name, id: 1 });
  const client: Partial<LibvirtClient> = {
    connected: true,
    onConnected: () => () => {},
    onDisconnected: () => () => {},
    onLifecycle: (listener: (event: LifecycleEvent) => void) => {
      const before = emit;
      emit = (name, event) => {
        before(name, event);
        listener({ domain: refOf(name), event, detail: 0 });
      };
      return () => {};
    },
    listAllDomains: async () => [...xmls.keys()].map(refOf),
    domainLookupByName: async (name) => {
      if (!xmls.has(name)) throw new LibvirtError('no', { code: LibvirtErrorCode.noDomain, domain: 0, level: 2 });
      return refOf(name);
    },
    domainGetXmlDesc: async ({ name }) => xmls.get(name) as string,
    domainGetState: async () => ({ state: 1, reason: 1 }),
  };
  emit = () => {};
  hypervisor = new LibvirtHypervisor(client as LibvirtClient, { hostId: 'h_one', bridge: 'tsubo0' });
  changes = [];
  hypervisor.onChange((change) => changes.push(change));
});

it('lists its own, and those without an owner that stand on its bridge', async () => {
  expect((await hypervisor.list()).map(({ serverId }) => serverId)).toEqual([mine, old]);
});

it("takes neither another host's domain nor its name", async () => {
  expect(await hypervisor.look(mine)).toMatchObject({ serverId: mine });
  for (const name of [theirs, oldTheirs])
    await expect(hypervisor.look(name)).rejects.toMatchObject({ code: 'SPEC_CONFLICT' });
});

it("tells nothing of another host's domains, once it has seen whose they are", async () => {
  await hypervisor.list();
  for (const name of [mine, theirs]) emit(name, LifecycleEventType.started);
  for (const name of [mine, theirs]) emit(name, LifecycleEventType.undefined);
  expect(changes.map(({ serverId }) => serverId)).toEqual([mine, mine]);
  // The name is free: what is defined under it next may be ours.
  xmls.set(theirs, xmlOf(theirs, 'h_one', 'tsubo0'));
  emit(theirs, LifecycleEventType.defined);
  expect(changes.at(-1)).toMatchObject({ serverId: theirs });
});
