/**
 * Two real guests on the real network: scripts/stack/isolate npx vitest run --project hypervisor compute-agent/networks
 */
import { readFile } from 'node:fs/promises';
import type { Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { neighbourAdvertisement, routerAdvertisement, routerSolicitation, udp4 } from '../../scripts/stack/frames.ts';
import { Capture } from '../../scripts/stack/guest.ts';
import type { HostNetwork } from '../driver.ts';
import { exec } from '../exec.ts';
import type { LibvirtClient } from '../libvirt/api.ts';
import { linkLocal } from './addresses.ts';
import {
  BEYOND,
  BRIDGE,
  DATA,
  type Field,
  GATEWAY,
  METADATA,
  openField,
  PANEL_PORT,
  PEER,
  PORT,
  ROUTED,
  type TestServer,
} from './testing-field.ts';
import { framesOf } from './testing-frames.ts';
import { askForLease, eventually, heardBy, heardByHost, hostPings, listen, reaches, send } from './testing-reach.ts';

const listeners: Server[] = [];
let field: Field;
let libvirt: LibvirtClient;
let network: HostNetwork;
let mallory: TestServer;
let victim: TestServer;

beforeAll(async () => {
  field = await openField();
  ({ libvirt, network, mallory, victim } = field);
}, 240_000);

afterAll(async () => {
  for (const each of listeners) each.close();
  await field?.close();
});

describe('a guest reaches what it should', () => {
  test('its addresses are those of the seed, and it is called so', async () => {
    const { id, vif, guest } = mallory;
    const addresses = await guest.out('ip -o address show dev eth0');
    expect(addresses).toContain(`inet ${vif.ipv4.address}/24`);
    expect(addresses).toContain(`inet6 ${vif.ipv6.address}/128`);
    expect(await guest.out('hostname')).toBe(`h-${id}\n`);
  });

  test('host and guest ping each other over IPv4 and IPv6', async () => {
    for (const each of [mallory, victim]) {
      for (const address of [each.vif.ipv4.address, each.vif.ipv6.address]) await hostPings(address);
      await reaches(each, GATEWAY.v4, GATEWAY.v6);
    }
  });

  test('guests reach each other over the host, whose rules decide', async () => {
    for (const [a, b] of [
      [mallory, victim],
      [victim, mallory],
    ] as const) {
      await reaches(a, b.vif.ipv4.address, b.vif.ipv6.address);
    }
    const block =
      'table inet block {\nchain c {\ntype filter hook forward priority -10; policy accept;\niifname "tsubo0" drop\n}\n}\n';
    await exec('nft', ['-f', '-'], { input: block });
    try {
      expect((await mallory.guest.run(`ping -c 1 -W 2 ${victim.vif.ipv4.address}`)).code).toBe(1);
      expect((await mallory.guest.run(`ping6 -c 1 -W 2 ${victim.vif.ipv6.address}`)).code).toBe(1);
    } finally {
      await exec('nft', ['delete', 'table', 'inet', 'block']);
    }
  });

  test('the outside, under the address of the host', async () => {
    const capture = await Capture.start('uplink0');
    await reaches(mallory, BEYOND);
    expect(await capture.text()).toContain(`192.0.2.2 > ${BEYOND}: ICMP echo request`);
    await capture.end();
  });

  test('DHCP gives it its own address', async () => {
    const said = await askForLease(mallory);
    // dnsmasq must not write the guest's entry itself.
    expect((await exec('ip', ['neigh', 'show', 'dev', BRIDGE])).stdout).toContain(
      `${mallory.vif.ipv4.address} lladdr ${mallory.vif.mac} PERMANENT`,
    );
    expect(said).toContain(`lease of ${mallory.vif.ipv4.address} obtained`);
  });

  test('router advertisements: DHCPv6, and no prefix on the link', async () => {
    const capture = await Capture.start(mallory.tap);
    await send(
      mallory,
      routerSolicitation({ fromMac: mallory.vif.mac, toMac: '33:33:00:00:00:02', from: linkLocal(mallory.vif.mac) }),
    );
    await eventually(async () => (await capture.text()).includes('router advertisement'));
    const text = await capture.text();
    expect(text).toMatch(/router advertisement[\s\S]*Flags \[managed/);
    expect(text).toMatch(/prefix info option .*fd77:7473:7562::\/64, Flags \[none\]/);
    await capture.end();
  });
});

describe('a guest reaches nothing else', () => {
  test('no daemon of the host but the panel, on none of its addresses', async () => {
    for (const port of [PORT, PANEL_PORT]) listeners.push(...(await listen(port)));
    for (const address of [GATEWAY.v4, '192.0.2.2', GATEWAY.v6]) {
      // The listener is there: only guests are kept off.
      expect(await heardByHost(address)).toBe('daemon\n');
      expect(await heardBy(mallory, address)).toEqual({ address, stdout: '', ok: false });
      expect(await heardBy(mallory, address, PANEL_PORT, 15)).toEqual({ address, stdout: 'daemon\n', ok: true });
    }
  });

  test('beyond the host: the outside, but no network that the host itself knows, and not where clouds keep secrets', async () => {
    expect(await heardBy(mallory, BEYOND, PORT, 15)).toEqual({ address: BEYOND, stdout: 'outside\n', ok: true });
    for (const address of [PEER, ROUTED, METADATA]) {
      expect(await heardByHost(address)).toBe('outside\n');
      expect(await heardBy(mallory, address)).toEqual({ address, stdout: '', ok: false });
    }
  });

  test('no name server, and not the network of the host', async () => {
    expect((await mallory.guest.run(`nslookup -type=a example.com ${GATEWAY.v4}`, 8_000)).code).not.toBe(0);
    await hostPings(PEER);
    expect((await mallory.guest.run(`ping -c 1 -W 2 ${PEER}`)).code).toBe(1);
  });
});

describe('spoofed frames', () => {
  test('do not arrive at the bridge, and honest ones do', async () => {
    const capture = await Capture.start(BRIDGE);
    const { honest, forged } = framesOf(mallory.vif, victim.vif);
    for (const frame of Object.values(forged)) await send(mallory, frame);
    for (const frame of Object.values(honest)) await send(mallory, frame);
    const arrived = async (frames: Record<string, string>): Promise<string[]> => {
      const bytes = await capture.bytes();
      return Object.keys(frames).filter((marker) => bytes.includes(marker));
    };
    await expect.poll(() => arrived(honest), { timeout: 10_000 }).toEqual(Object.keys(honest));
    expect(await arrived(forged)).toEqual([]);
    await capture.end();
  });

  test('of neighbour discovery under an own address: no neighbour and not the host believes them', async () => {
    const capture = await Capture.start(victim.tap);
    const all = { fromMac: mallory.vif.mac, toMac: '33:33:00:00:00:01' };
    const from = linkLocal(mallory.vif.mac);
    await send(mallory, routerAdvertisement({ ...all, from, marker: 'forged-ra' }));
    for (const claims of [GATEWAY.v6, victim.vif.ipv6.address, linkLocal(victim.vif.mac)]) {
      await send(
        mallory,
        neighbourAdvertisement({ ...all, from, to: 'ff02::1', claims, claimsMac: all.fromMac, marker: 'forged-na' }),
      );
    }
    await hostPings(victim.vif.ipv6.address);
    const bytes = (await capture.bytes()).toString('latin1');
    expect(bytes).not.toContain('forged-');
    await capture.end();

    const { stdout } = await exec('ip', ['-6', 'neigh', 'show', 'dev', BRIDGE]);
    for (const address of [victim.vif.ipv6.address, linkLocal(victim.vif.mac)]) {
      expect(stdout).toContain(`${address} lladdr ${victim.vif.mac} PERMANENT`);
    }
  });
});

describe('what others take away', () => {
  test('nothing is missing at first, and a second put changes nothing', async () => {
    expect(await network.check()).toEqual([]);
    const before = await libvirt.nwfilterGetXmlDesc(await libvirt.nwfilterLookupByName('tsubo-vps'));
    // A redefinition would rebuild the rules of both guests, 2 s each.
    const define = vi.spyOn(libvirt, 'nwfilterDefineXml');
    await network.put({ serverId: mallory.id, vifs: [mallory.vif] });
    expect(define).not.toHaveBeenCalled();
    define.mockRestore();
    expect(await libvirt.nwfilterGetXmlDesc(await libvirt.nwfilterLookupByName('tsubo-vps'))).toBe(before);
  });

  test('a flushed ruleset is noticed and made again', async () => {
    await exec('nft', ['flush', 'ruleset']);
    const forged = (marker: string): string =>
      udp4({ fromMac: mallory.vif.mac, toMac: GATEWAY.mac, from: '203.0.113.9', to: GATEWAY.v4, marker });
    const capture = await Capture.start(BRIDGE);
    await send(mallory, forged('forged-bare'));
    await eventually(async () => (await capture.bytes()).includes('forged-bare'));

    expect(await network.check()).toEqual(['rules-restored', 'filters-flushed']);
    await send(mallory, forged('forged-again'));
    await send(
      mallory,
      udp4({
        fromMac: mallory.vif.mac,
        toMac: GATEWAY.mac,
        from: mallory.vif.ipv4.address,
        to: GATEWAY.v4,
        marker: 'honest-again',
      }),
    );
    await eventually(async () => (await capture.bytes()).includes('honest-again'));
    expect((await capture.bytes()).includes('forged-again')).toBe(false);
    await capture.end();
    expect(await network.check()).toEqual([]);
  });

  test('a killed dnsmasq comes back by itself, and knows the leases', async () => {
    const pidFile = join(DATA, 'dnsmasq', `${BRIDGE}.pid`);
    const pid = Number(await readFile(pidFile, 'utf8'));
    process.kill(pid, 'SIGKILL');
    await eventually(async () => Number(await readFile(pidFile, 'utf8')) !== pid);
    expect(await askForLease(victim)).toContain(`lease of ${victim.vif.ipv4.address} obtained`);
  });

  test('a deleted bridge comes back with its guests on it, who notice nothing but a pause', async () => {
    await exec('ip', ['link', 'delete', 'dev', BRIDGE]);
    // Whoever looks first starts dnsmasq: the check, or its own watch.
    const found = (await network.check()).filter((code) => code !== 'dnsmasq-restarted');
    expect(found.join()).toBe('bridge-restored,taps-restored,neighbours-restored');
    for (const each of [mallory, victim]) {
      await hostPings(each.vif.ipv4.address);
      await reaches(each, GATEWAY.v4, GATEWAY.v6);
      expect((await exec('bridge', ['-d', 'link', 'show', 'dev', each.tap])).stdout).toContain('isolated on');
    }
    expect(await askForLease(victim)).toContain(`lease of ${victim.vif.ipv4.address} obtained`);
    await reaches(mallory, victim.vif.ipv4.address);
    expect(await network.check()).toEqual([]);
  });

  test('neighbour entries are made again', async () => {
    await exec('ip', ['neigh', 'flush', 'dev', BRIDGE, 'nud', 'permanent']);
    expect(await network.check()).toEqual(['neighbours-restored']);
    expect(await network.check()).toEqual([]);
  });
});

test('a server that moves to other addresses leaves nothing at the old ones, and removal leaves nothing', async () => {
  const { id, vif } = field.server(21);
  await network.put({ serverId: id, vifs: [vif] });
  const moved = { ...vif, ipv4: { ...vif.ipv4, address: '10.77.0.22' } };
  await network.put({ serverId: id, vifs: [moved] });
  const { stdout } = await exec('ip', ['neigh', 'show', 'dev', BRIDGE]);
  expect(stdout).toContain('10.77.0.22 ');
  expect(stdout).not.toContain('10.77.0.21 ');
  const filter = await libvirt.nwfilterGetXmlDesc(await libvirt.nwfilterLookupByName(`tsubo-${id}`));
  expect(filter).toContain('10.77.0.22');
  expect(filter).not.toContain('10.77.0.21');

  expect((await network.remove(id)).sort()).toEqual(
    [
      'leases',
      `filter tsubo-${id}`,
      'neighbour 10.77.0.22',
      `neighbour ${vif.ipv6.address}`,
      `neighbour ${linkLocal(vif.mac)}`,
    ].sort(),
  );
  expect(await network.remove(id)).toEqual([]);
  expect((await exec('ip', ['neigh', 'show', 'dev', BRIDGE])).stdout).not.toContain(vif.mac);
  expect((await libvirt.listAllNwfilters()).map(({ name }) => name)).not.toContain(`tsubo-${id}`);
});
