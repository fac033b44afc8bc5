/** What a host is and can do, as staff and the placement of new servers need it. */
import { readFile, statfs } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { availableParallelism, release } from 'node:os';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { CONTRACT_VERSION } from './contract/contract.ts';
import type { Accelerator, HostDescription } from './contract/shapes.ts';
import type { Hypervisor } from './driver.ts';

/** The build puts its release in here; run from the sources there is none. */
const RELEASE = process.env.TSUBO_RELEASE;
const AGENT_VERSION = RELEASE ? `0.1.0+${RELEASE.slice(0, 12)}` : '0.1.0';
const GIB = 1024 ** 3;
const CAP_SYS_RESOURCE = 24n;

/** Codes of `lacks` by the kernel's option. Told by the kernel's own configuration, so nothing has to be tried. */
const kernelOptions: readonly [code: string, option: string][] = [
  ['vlan-8021q', 'CONFIG_VLAN_8021Q'],
  ['bridge-vlan-filtering', 'CONFIG_BRIDGE_VLAN_FILTERING'],
  ['bridge-conntrack', 'CONFIG_NF_CONNTRACK_BRIDGE'],
  ['sfq', 'CONFIG_NET_SCH_SFQ'],
  ['tc-police', 'CONFIG_NET_ACT_POLICE'],
  ['vhost-net', 'CONFIG_VHOST_NET'],
  ['device-mapper', 'CONFIG_BLK_DEV_DM'],
];

export async function describeHost(input: {
  hostId: string;
  bootId: string;
  dataDir: string;
  virtlogdSocket: string;
  hypervisor: Hypervisor;
  accelerator: Accelerator;
  warnings: readonly string[];
}): Promise<HostDescription> {
  const [versions, memory, disk, lacks, virtlogd] = await Promise.all([
    input.hypervisor.versions(),
    readFile('/proc/meminfo', 'utf8'),
    statfs(input.dataDir),
    kernelLacks(),
    answers(input.virtlogdSocket),
  ]);
  return {
    hostId: input.hostId,
    agentVersion: AGENT_VERSION,
    contractVersion: CONTRACT_VERSION,
    bootId: input.bootId,
    libvirtVersion: versions.libvirt,
    qemuVersion: versions.hypervisor,
    kernelVersion: release(),
    vcpuTotal: availableParallelism(),
    memoryMiBTotal: memoryMiB(memory),
    diskGiBTotal: Math.floor((disk.blocks * disk.bsize) / GIB),
    diskGiBFree: Math.floor((disk.bavail * disk.bsize) / GIB),
    accelerator: input.accelerator,
    lacks,
    warnings: [...input.warnings, ...(virtlogd ? [] : ['virtlogd-away'])],
  };
}

export function memoryMiB(meminfo: string): number {
  const kib = /^MemTotal:\s+(\d+) kB$/m.exec(meminfo)?.[1];
  if (kib === undefined) throw new Error('/proc/meminfo does not say MemTotal');
  return Math.floor(Number(kib) / 1024);
}

let lacks: Promise<string[]> | undefined;
/** Asked once: a running kernel does not learn. */
function kernelLacks(): Promise<string[]> {
  lacks ??= (async () => {
    const [config, status] = await Promise.all([kernelConfig(), readFile('/proc/self/status', 'utf8')]);
    return lacksOf(config, status);
  })();
  return lacks;
}

/** `config` null: the kernel keeps its configuration to itself, then only capabilities are told. */
export function lacksOf(config: string | null, status: string): string[] {
  const missing = kernelOptions.filter(
    ([, option]) => config !== null && !new RegExp(`^${option}=[ym]$`, 'm').test(config),
  );
  const codes = missing.map(([code]) => code);
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  if (((effective >> CAP_SYS_RESOURCE) & 1n) === 0n) codes.push('cap-sys-resource');
  return codes;
}

async function kernelConfig(): Promise<string | null> {
  const packed = await readFile('/proc/config.gz').catch(() => null);
  if (packed) return (await promisify(gunzip)(packed)).toString('utf8');
  return readFile(`/boot/config-${release()}`, 'utf8').catch(() => null);
}

const answers = (socketPath: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection({ path: socketPath });
    const done = (ok: boolean) => {
      socket.destroy();
      resolve(ok);
    };
    socket.setTimeout(1_000, () => done(false));
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
  });
