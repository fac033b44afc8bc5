/**
 * Two real guests on the real network: scripts/stack/isolate npx vitest run --project hypervisor compute-agent/networks
 * Needs the small image (scripts/images/small/build). `mallory` attacks, `victim` must not notice.
 */
import { execFileSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { createConnection, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  arp,
  ethernet,
  neighbourAdvertisement,
  routerAdvertisement,
  routerSolicitation,
  udp4,
  udp6,
} from '../../scripts/stack/frames.ts';
import { Capture, Guest, type KeyPair, makeKey, untilLogin } from '../../scripts/stack/guest.ts';
import { type Vif, vifName } from '../contract/shapes.ts';
import { buildDomainXml } from '../domains/body.ts';
import type { HostNetwork } from '../driver.ts';
import { exec } from '../exec.ts';
import type { LibvirtClient } from '../libvirt/api.ts';
import { connect } from '../libvirt/client.ts';
import { IsolatedLibvirtd } from '../libvirt/isolated-libvirtd.ts';
import { ServerPaths } from '../paths.ts';
import { Seeds } from '../seeds/seeds.ts';
import { linkLocal } from './addresses.ts';
import { createNetwork } from './network.ts';

const CACHE = process.env.TSUBO_CACHE ?? '/var/cache/tsubo';
const DATA = '/var/lib/libvirt/images/agent';
const BRIDGE = 'tsubo0';
const GATEWAY = { mac: '52:54:00:77:00:01', v4: '10.77.0.1', v6: 'fd77:7473:7562::1' };
/** A host on the network that this one is attached to, and one beyond it. */
const PEER = '192.0.2.1';
const BEYOND = '198.51.100.1';
const PORT = 5432;

interface TestServer {
  id: string;
  vif: Vif;
  tap: string;
  guest: Guest;
}

const newId = (): string => [...randomBytes(10)].map((byte) => 'abcdefghijklmnopqrstuvwxyz234567'[byte & 31]).join('');
const seeds = new Seeds(DATA, exec);
const paths = new ServerPaths(DATA, '/run/tsubo');
let daemon: IsolatedLibvirtd;
let libvirt: LibvirtClient;
let network: HostNetwork;
let key: KeyPair;
let mallory: TestServer;
let victim: TestServer;
const listeners: Server[] = [];

const ip = (...args: string[]): void => void execFileSync('/usr/sbin/ip', args);

beforeAll(async () => {
  daemon = await IsolatedLibvirtd.start();
  libvirt = connect();
  await libvirt.ready(30_000);
  await mkdir(DATA, { recursive: true });
  ip('netns', 'add', 'outside');
  ip('link', 'add', 'uplink0', 'type', 'veth', 'peer', 'name', 'inside', 'netns', 'outside');
  ip('address', 'add', '192.0.2.2/24', 'dev', 'uplink0');
  ip('link', 'set', 'uplink0', 'up');
  for (const command of [
    `address add ${PEER}/24 dev inside`,
    `address add ${BEYOND}/32 dev lo`,
    'link set inside up',
    'link set lo up',
  ]) {
    ip('-n', 'outside', ...command.split(' '));
  }
  ip('route', 'add', 'default', 'via', PEER);
  ip('address', 'add', '169.254.169.254/32', 'dev', 'lo');

  network = createNetwork({
    bridge: BRIDGE,
    v4: `${GATEWAY.v4}/24`,
    v6: `${GATEWAY.v6}/64`,
    mac: GATEWAY.mac,
    dataDir: DATA,
    libvirt,
    run: exec,
    log: pino({ level: process.env.TSUBO_LOG_LEVEL ?? 'silent' }),
    watchMs: 500,
  });
  await network.prepare();
  await seeds.prepare();
  await paths.prepare();
  key = await makeKey();
  mallory = server(11);
  victim = server(12);
  await Promise.all([mallory, victim].map(boot));
}, 180_000);

afterAll(async () => {
  for (const each of listeners) each.close();
  for (const domain of (await libvirt?.listAllDomains()) ?? []) {
    if (domain.id !== -1) await libvirt.domainDestroy(domain).catch(() => {});
    await libvirt.domainUndefine(domain).catch(() => {});
  }
  await network?.close();
  await key?.remove();
  await libvirt?.close();
  await daemon?.kill();
});

function server(last: number): TestServer {
  const id = newId();
  const hex = randomBytes(2).toString('hex');
  const vif: Vif = {
    index: 0,
    mac: `52:54:00:${hex.slice(0, 2)}:${hex.slice(2)}:${last.toString(16).padStart(2, '0')}`,
    ipv4: { address: `10.77.0.${last}`, prefix: 24, gateway: GATEWAY.v4 },
    ipv6: { address: `fd77:7473:7562::${last.toString(16)}`, gateway: GATEWAY.v6 },
  };
  return { id, vif, tap: vifName(id, 0), guest: new Guest(vif.ipv4.address, key) };
}

async function boot({ id, vif, guest }: TestServer): Promise<void> {
  const { digest } = JSON.parse(await readFile(join(CACHE, 'images/small.json'), 'utf8')) as { digest: string };
  const image = join(CACHE, 'images', `${digest}.qcow2`);
  const disk = join(DATA, `${id}.qcow2`);
  await exec('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', image, '-F', 'qcow2', disk, '1G']);
  await seeds.put(id, {
    instanceId: `${id}-1`,
    hostname: `h-${id}`,
    passwordHash: null,
    sshKeys: [key.publicKey],
    vifs: [vif],
  });
  await paths.make(id);
  const own = paths.of(id);
  await network.put({ serverId: id, vifs: [vif] });
  const xml = buildDomainXml({
    serverId: id,
    generation: 1,
    spec: {
      uuid: randomUUID(),
      vcpu: 1,
      memoryMiB: 256,
      firmware: 'bios',
      virtio: true,
      disks: [{ id: 'vol_aaaaaaaaaaaaaaaa', sizeGiB: 1, format: 'qcow2', backingDigest: digest }],
      vifs: [vif],
    },
    accelerator: { type: 'qemu', cpu: null },
    bridge: BRIDGE,
    filterName: network.filterName(id),
    paths: { ...own, volume: () => disk, image: () => image, seed: seeds.pathOf(id) },
  });
  await libvirt.domainCreate(await libvirt.domainDefineXml(xml), 0, { deadlineMs: 60_000 });
  await network.attached(id, [vif]);
  await untilLogin(own.serialLog);
  // The prompt comes before the SSH server has made its first host key.
  for (let tries = 0; (await guest.run('true')).code !== 0; tries++) {
    if (tries > 10) throw new Error(`no SSH at ${guest.address}`);
    await sleep(500);
  }
}

describe('a guest reaches what it should', () => {
  test('its addresses are those of the seed, and it is called so', async () => {
    const { id, vif, guest } = mallory;
    const addresses = await guest.out('ip -o address show dev eth0');
    expect(addresses).toContain(`inet ${vif.ipv4.address}/24`);
    expect(addresses).toContain(`inet6 ${vif.ipv6.address}/128`);
    expect(await guest.out('hostname')).toBe(`h-${id}\n`);
  });

  test('host and guest ping each other over IPv4 and IPv6', async () => {
    for (const { vif, guest } of [mallory, victim]) {
      for (const address of [vif.ipv4.address, vif.ipv6.address]) await hostPings(address);
      await guest.out(`ping -c 1 -W 3 ${GATEWAY.v4} && ping6 -c 1 -W 3 ${GATEWAY.v6}`);
    }
  });

  test('guests reach each other over the host, whose rules decide', async () => {
    for (const [a, b] of [
      [mallory, victim],
      [victim, mallory],
    ] as const) {
      // Several: after the first, a redirect would send the others to where isolation drops them.
      await a.guest.out(`ping -c 4 -W 3 ${b.vif.ipv4.address}`);
      await a.guest.out(`ping6 -c 4 -W 3 ${b.vif.ipv6.address}`);
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
    await mallory.guest.out(`ping -c 1 -W 3 ${BEYOND}`);
    expect(await capture.text()).toContain(`192.0.2.2 > ${BEYOND}: ICMP echo request`);
    await capture.end();
  });

  test('DHCP gives it its own address', async () => {
    const { stdout, stderr } = await mallory.guest.run('udhcpc -n -q -f -t 5 -T 1 -i eth0 -s /bin/true');
    // dnsmasq must not write the guest's entry itself.
    expect((await exec('ip', ['neigh', 'show', 'dev', BRIDGE])).stdout).toContain(
      `${mallory.vif.ipv4.address} lladdr ${mallory.vif.mac} PERMANENT`,
    );
    expect(stdout + stderr).toMatch(new RegExp(`lease of ${mallory.vif.ipv4.address.replaceAll('.', '\\.')} obtained`));
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
  test('no daemon of the host, on none of its addresses', async () => {
    for (const family of ['0.0.0.0', '::'] as const) {
      const each = createServer((socket) => socket.end('daemon\n'));
      await new Promise<void>((resolve) =>
        each.listen({ port: PORT, host: family, ipv6Only: family === '::' }, resolve),
      );
      listeners.push(each);
    }
    for (const address of [GATEWAY.v4, '192.0.2.2', '169.254.169.254', GATEWAY.v6]) {
      // The listener is there: only guests are kept off.
      expect(await heardFrom(address)).toBe('daemon\n');
      const { stdout, code } = await mallory.guest.run(`nc -w 2 ${address} ${PORT} </dev/null`);
      expect({ address, stdout, ok: code === 0 }).toEqual({ address, stdout: '', ok: false });
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
    const me = { fromMac: mallory.vif.mac, toMac: GATEWAY.mac };
    const [own4, own6] = [mallory.vif.ipv4.address, mallory.vif.ipv6.address];
    const honest = {
      'honest-udp4': udp4({ ...me, from: own4, to: GATEWAY.v4, marker: 'honest-udp4' }),
      'honest-udp6': udp6({ ...me, from: own6, to: GATEWAY.v6, marker: 'honest-udp6' }),
      'honest-arp': arp({ ...me, opcode: 1, claims: own4, target: GATEWAY.v4, marker: 'honest-arp' }),
      'honest-na': neighbourAdvertisement({
        ...me,
        from: own6,
        to: GATEWAY.v6,
        claims: own6,
        claimsMac: me.fromMac,
        marker: 'honest-na',
      }),
    };
    const other = { ...me, fromMac: victim.vif.mac };
    const all = { ...me, toMac: 'ff:ff:ff:ff:ff:ff' };
    const forged = {
      'forged-victim4': udp4({ ...me, from: victim.vif.ipv4.address, to: GATEWAY.v4, marker: 'forged-victim4' }),
      'forged-foreign4': udp4({ ...me, from: '203.0.113.9', to: GATEWAY.v4, marker: 'forged-foreign4' }),
      'forged-zero4': udp4({ ...me, from: '0.0.0.0', to: GATEWAY.v4, marker: 'forged-zero4' }),
      'forged-victim6': udp6({ ...me, from: victim.vif.ipv6.address, to: GATEWAY.v6, marker: 'forged-victim6' }),
      'forged-gateway6': udp6({ ...me, from: GATEWAY.v6, to: victim.vif.ipv6.address, marker: 'forged-gateway6' }),
      'forged-local6': udp6({ ...me, from: linkLocal(victim.vif.mac), to: GATEWAY.v6, marker: 'forged-local6' }),
      'forged-mac4': udp4({ ...other, from: own4, to: GATEWAY.v4, marker: 'forged-mac4' }),
      'forged-mac6': udp6({ ...other, from: own6, to: GATEWAY.v6, marker: 'forged-mac6' }),
      'forged-arp-victim': arp({
        ...all,
        opcode: 2,
        claims: victim.vif.ipv4.address,
        target: GATEWAY.v4,
        marker: 'forged-arp-victim',
      }),
      'forged-arp-gateway': arp({
        ...all,
        opcode: 2,
        claims: GATEWAY.v4,
        target: victim.vif.ipv4.address,
        marker: 'forged-arp-gateway',
      }),
      'forged-arp-asks': arp({
        ...all,
        opcode: 1,
        claims: GATEWAY.v4,
        target: victim.vif.ipv4.address,
        marker: 'forged-arp-asks',
      }),
      'forged-arp-mac': arp({
        ...me,
        opcode: 2,
        claims: own4,
        claimsMac: victim.vif.mac,
        target: GATEWAY.v4,
        marker: 'forged-arp-mac',
      }),
      'forged-na-victim': neighbourAdvertisement({
        ...me,
        from: victim.vif.ipv6.address,
        to: GATEWAY.v6,
        claims: victim.vif.ipv6.address,
        claimsMac: me.fromMac,
        marker: 'forged-na-victim',
      }),
      'forged-na-gateway': neighbourAdvertisement({
        ...me,
        toMac: '33:33:00:00:00:01',
        from: GATEWAY.v6,
        to: 'ff02::1',
        claims: GATEWAY.v6,
        claimsMac: me.fromMac,
        marker: 'forged-na-gateway',
      }),
      'forged-lldp': ethernet(me, 0x88cc, Buffer.from('forged-lldp')),
      'forged-vlan': ethernet(me, 0x8100, Buffer.from('00010800forged-vlan')),
    };
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
    const began = Date.now();
    await network.put({ serverId: mallory.id, vifs: [mallory.vif] });
    // A redefinition would have rebuilt the rules of both guests, 2 s each.
    expect(Date.now() - began).toBeLessThan(1_500);
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
    const { stdout, stderr } = await victim.guest.run('udhcpc -n -q -f -t 5 -T 1 -i eth0 -s /bin/true');
    expect(stdout + stderr).toContain(`lease of ${victim.vif.ipv4.address} obtained`);
  });

  test('neighbour entries are made again', async () => {
    await exec('ip', ['neigh', 'flush', 'dev', BRIDGE, 'nud', 'permanent']);
    expect(await network.check()).toEqual(['neighbours-restored']);
    expect(await network.check()).toEqual([]);
  });
});

test('a server that moves to other addresses leaves nothing at the old ones, and removal leaves nothing', async () => {
  const { id, vif } = server(21);
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

async function send({ guest }: TestServer, frame: string): Promise<void> {
  expect(await guest.out(`rawframe eth0 ${frame}`)).toBe('sent 1\n');
}

function heardFrom(address: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const socket = createConnection(PORT, address);
    socket.on('data', (chunk) => {
      said += chunk;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(said));
  });
}

async function hostPings(address: string): Promise<void> {
  execFileSync('/bin/busybox', ['ping', '-c', '2', '-W', '5', address]);
}

async function eventually(condition: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 100; i++) {
    if (await condition()) return;
    await sleep(100);
  }
  throw new Error('it did not happen within 10 s');
}
