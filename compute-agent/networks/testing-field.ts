/**
 * A field for the tests of the network: a real libvirtd, an outside world behind an uplink, the agent's own network,
 * and two real guests on it. `mallory` attacks, `victim` must not notice. Inside scripts/stack/isolate only; needs
 * the small image (scripts/images/small/build).
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { Guest, type KeyPair, makeKey, untilLogin } from '../../scripts/stack/guest.ts';
import { type Vif, vifName } from '../contract/shapes.ts';
import { buildDomainXml } from '../domains/body.ts';
import type { HostNetwork } from '../driver.ts';
import { exec } from '../exec.ts';
import type { LibvirtClient } from '../libvirt/api.ts';
import { connect } from '../libvirt/client.ts';
import { IsolatedLibvirtd } from '../libvirt/isolated-libvirtd.ts';
import { ServerPaths } from '../paths.ts';
import { Seeds } from '../seeds/seeds.ts';
import { createNetwork } from './network.ts';

const CACHE = process.env.TSUBO_CACHE ?? '/var/cache/tsubo';
export const DATA = '/var/lib/libvirt/images/agent';
export const BRIDGE = 'tsubo0';
export const GATEWAY = { mac: '52:54:00:77:00:01', v4: '10.77.0.1', v6: 'fd77:7473:7562::1' };
/** Of the panel, which guests may reach. */
export const PANEL_PORT = 8443;
/** Hosts outside, where a daemon says `outside` at this port: on this host's own network, beyond it, */
export const PORT = 5432;
export const PEER = '192.0.2.1';
export const BEYOND = '198.51.100.1';
/** in a network that this host has a route to and no address in, and where clouds keep secrets. */
export const ROUTED = '198.18.0.1';
export const METADATA = '169.254.169.254';

export interface TestServer {
  id: string;
  vif: Vif;
  tap: string;
  guest: Guest;
}

export interface Field {
  libvirt: LibvirtClient;
  network: HostNetwork;
  mallory: TestServer;
  victim: TestServer;
  /** A server that has not been put on the network yet; `last` is the end of its addresses. */
  server(last: number): TestServer;
  close(): Promise<void>;
}

const newId = (): string => [...randomBytes(10)].map((byte) => 'abcdefghijklmnopqrstuvwxyz234567'[byte & 31]).join('');
const ip = (...args: string[]): void => void execFileSync('/usr/sbin/ip', args);

function layUplink(): void {
  ip('netns', 'add', 'outside');
  ip('link', 'add', 'uplink0', 'type', 'veth', 'peer', 'name', 'inside', 'netns', 'outside');
  ip('address', 'add', '192.0.2.2/24', 'dev', 'uplink0');
  ip('link', 'set', 'uplink0', 'up');
  for (const command of [
    `address add ${PEER}/24 dev inside`,
    ...[BEYOND, ROUTED, METADATA].map((address) => `address add ${address}/32 dev lo`),
    'link set inside up',
    'link set lo up',
  ]) {
    ip('-n', 'outside', ...command.split(' '));
  }
  ip('route', 'add', 'default', 'via', PEER);
  ip('route', 'add', '198.18.0.0/15', 'via', PEER);
}

function listenOutside(): ChildProcess {
  const daemon = `require('node:net').createServer((socket) => socket.end('outside\\n')).listen(${PORT})`;
  return spawn('/usr/sbin/ip', ['netns', 'exec', 'outside', process.execPath, '--eval', daemon], { stdio: 'ignore' });
}

/** Answers when both guests can be reached over SSH. */
export async function openField(): Promise<Field> {
  const daemon = await IsolatedLibvirtd.start();
  const libvirt = connect();
  await libvirt.ready(30_000);
  await mkdir(DATA, { recursive: true });
  layUplink();
  const outside = listenOutside();
  const network = createNetwork({
    bridge: BRIDGE,
    v4: `${GATEWAY.v4}/24`,
    v6: `${GATEWAY.v6}/64`,
    mac: GATEWAY.mac,
    panelPort: PANEL_PORT,
    dataDir: DATA,
    libvirt,
    run: exec,
    log: pino({ level: process.env.TSUBO_LOG_LEVEL ?? 'silent' }),
    watchMs: 500,
  });
  await network.prepare();
  const key = await makeKey();
  const server = (last: number) => newServer(last, key);
  const [mallory, victim] = [server(11), server(12)];
  const close = async () => {
    for (const domain of await libvirt.listAllDomains()) {
      if (domain.id !== -1) await libvirt.domainDestroy(domain).catch(() => {});
      await libvirt.domainUndefine(domain).catch(() => {});
    }
    await network.close();
    await key.remove();
    await libvirt.close();
    await daemon.kill();
    outside.kill();
  };
  try {
    await Promise.all([mallory, victim].map((each) => boot(each, { libvirt, network, key })));
  } catch (error) {
    // The next file of tests shall find no libvirtd of ours.
    await close();
    throw error;
  }
  return { libvirt, network, mallory, victim, server, close };
}

function newServer(last: number, key: KeyPair): TestServer {
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

async function boot(
  { id, vif, guest }: TestServer,
  { libvirt, network, key }: { libvirt: LibvirtClient; network: HostNetwork; key: KeyPair },
): Promise<void> {
  const seeds = new Seeds(DATA, exec);
  const paths = new ServerPaths(DATA, '/run/tsubo');
  await seeds.prepare();
  await paths.prepare();
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
    owner: 'h_test',
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
  await untilLogin(own.serialLog, { deadlineMs: 150_000 });
  // The prompt comes before the SSH server has made its first host key.
  for (let tries = 0; (await guest.run('true')).code !== 0; tries++) {
    if (tries > 10) throw new Error(`no SSH at ${guest.address}`);
    await sleep(500);
  }
}
