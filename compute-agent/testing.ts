/**
 * For tests: a whole agent on a real libvirtd inside scripts/stack/isolate, with the tiny guest as its image (it
 * boots in a second, listens to the power button, and does nothing else).
 */
import { execFile } from 'node:child_process';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { type Authority, createAuthority } from '../server/pki/authority.ts';
import { joinAs } from '../server/testing/joined-agent.ts';
import { Certificates } from './certificates.ts';
import { systemClock } from './clock.ts';
import { type ComposedAgent, composeAgent } from './compose.ts';
import type { DomainSpec, Observation, Seed, Target, Vif, Volume } from './contract/shapes.ts';
import { exec } from './exec.ts';
import { loadIdentity } from './identity.ts';
import type { LibvirtClient } from './libvirt/api.ts';
import { connect } from './libvirt/client.ts';
import { tinyGuestDisk } from './libvirt/tiny-guest.ts';
import type { Logger } from './log.ts';
import { createNetwork } from './networks/network.ts';

export interface TestImage {
  digest: string;
  bytes: number;
}

export class TestHost {
  readonly folder: string;
  readonly image: TestImage;
  /** JSON lines of every agent that ran here. */
  readonly log: Record<string, unknown>[] = [];
  readonly authority: Authority;
  agent!: ComposedAgent;
  libvirt!: LibvirtClient;
  #servers = 0;

  /** `disk`: what its image holds, raw. */
  static async create(disk: Buffer = tinyGuestDisk()): Promise<TestHost> {
    // Not below a folder that only root may enter: QEMU's user has to reach it.
    const folder = await mkdtemp(join('/var/tmp', 'tsubo-agent-'));
    await chmod(folder, 0o755);
    await mkdir(join(folder, 'sources'));
    return new TestHost(folder, await makeImage(join(folder, 'sources'), disk), await createAuthority());
  }

  private constructor(folder: string, image: TestImage, authority: Authority) {
    this.folder = folder;
    this.image = image;
    this.authority = authority;
  }

  get dataDir(): string {
    return join(this.folder, 'agent');
  }

  async startAgent(): Promise<void> {
    const log = pino({ level: 'debug' }, { write: (line: string) => void this.log.push(JSON.parse(line)) });
    await mkdir(this.dataDir, { recursive: true });
    this.libvirt = connect();
    await this.libvirt.ready(20_000);
    const network = createNetwork({
      bridge: 'tsubo0',
      v4: '10.77.0.1/24',
      v6: 'fd77:7473:7562::1/64',
      mac: '52:54:00:77:00:01',
      dataDir: this.dataDir,
      libvirt: this.libvirt,
      run: exec,
      log,
    });
    this.agent = await composeAgent({
      hostId: 'h_test',
      dataDir: this.dataDir,
      runDir: join(this.folder, 'run'),
      imageSources: [join(this.folder, 'nothing'), join(this.folder, 'sources')],
      probeDir: join(this.folder, 'no-probe'),
      libvirtSocket: '/run/libvirt/libvirt-sock',
      bridge: 'tsubo0',
      libvirt: this.libvirt,
      network,
      certificates: await this.#certificates(log),
      clock: systemClock,
      log,
    });
    await this.agent.recovered();
  }

  async #certificates(log: Logger): Promise<Certificates> {
    const known = await loadIdentity(this.dataDir, systemClock.now());
    return new Certificates({
      dataDir: this.dataDir,
      identity: known ?? (await joinAs('h_test', this.dataDir, this.authority)),
      clock: systemClock,
      log,
    });
  }

  async stopAgent(): Promise<void> {
    this.agent.quiet();
    await this.agent.close();
  }

  /** Also what the agent leaves on purpose when it ends, for the next test file has the same addresses. */
  async destroy(): Promise<void> {
    const dnsmasq = join(this.dataDir, 'dnsmasq');
    for (const name of await readdir(dnsmasq).catch(() => [])) {
      if (name.endsWith('.pid')) process.kill(Number(await readFile(join(dnsmasq, name), 'utf8')));
    }
    await exec('ip', ['link', 'delete', 'dev', 'tsubo0'], { ok: [0, 1] });
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Whatever the tests left; for afterEach. */
  async removeAll(): Promise<void> {
    for (const { serverId } of (await this.agent.api.inventory({})).observations) {
      await this.agent.api.removeServer({ serverId, generation: 1_000_000 });
    }
  }

  seen(server: TestServer, state: string, reason: string): Promise<Observation> {
    return eventually(
      `${state} (${reason})`,
      () => this.agent.api.observe({ serverId: server.id }),
      (observation) => observation.state === state && observation.reason === reason,
    );
  }

  /** Everything that a server may leave on the host besides its tombstone, read from the host itself. */
  async traces(server: TestServer): Promise<string[]> {
    const found: string[] = [];
    for (const folder of [this.dataDir, join(this.folder, 'run')]) {
      for (const name of await readdir(folder, { recursive: true }).catch(() => [])) {
        if (name.includes(server.id) && !name.startsWith('tombstones')) found.push(name);
      }
    }
    for (const text of [
      await virsh('list', '--all', '--name'),
      await virsh('nwfilter-list'),
      await program('/usr/sbin/ip', '-o', 'link'),
      await program('/usr/sbin/ip', 'neigh', 'show', 'nud', 'permanent'),
      await program('/usr/sbin/ebtables', '-t', 'nat', '-L').catch(() => ''),
    ]) {
      const mine = (line: string) =>
        line.includes(server.id) || server.vifs.some(({ ipv4 }) => line.includes(`${ipv4.address} `));
      found.push(...text.split('\n').filter(mine));
    }
    return found;
  }

  /** A server that no other test uses, and what its calls need. */
  newServer(more: Partial<DomainSpec> = {}): TestServer {
    this.#servers += 1;
    return new TestServer(this, this.#servers, more);
  }
}

export class TestServer {
  readonly id = base32(10);
  readonly volume: Volume;
  readonly vifs: Vif[];
  readonly spec: DomainSpec;
  readonly seed: Seed;
  readonly #host: TestHost;

  constructor(host: TestHost, n: number, more: Partial<DomainSpec>) {
    this.#host = host;
    this.volume = { id: `vol_${base32(16)}`, sizeGiB: 1, format: 'qcow2', backingDigest: host.image.digest };
    this.vifs = [
      {
        index: 0,
        mac: `52:54:00:aa:00:${n.toString(16).padStart(2, '0')}`,
        ipv4: { address: `10.77.0.${10 + n}`, prefix: 24, gateway: '10.77.0.1' },
        ipv6: { address: `fd77:7473:7562::${(10 + n).toString(16)}`, gateway: 'fd77:7473:7562::1' },
      },
    ];
    const body = { vcpu: 1, memoryMiB: 64, firmware: 'bios', virtio: true } as const;
    this.spec = { uuid: randomUUID(), ...body, disks: [this.volume], vifs: this.vifs, ...more };
    this.seed = { instanceId: this.id, hostname: 'test', passwordHash: '$6$salt$hash', sshKeys: [], vifs: this.vifs };
  }

  at(generation: number): Target {
    return { serverId: this.id, generation };
  }

  /** Everything up to the definition. */
  async define(generation: number): Promise<void> {
    const { api } = this.#host.agent;
    await api.ensureImage(this.#host.image);
    await api.putVolume({ ...this.at(generation), volume: this.volume });
    await api.putSeed({ ...this.at(generation), seed: this.seed });
    await api.putNetwork({ ...this.at(generation), vifs: this.vifs });
    await api.putDomain({ ...this.at(generation), spec: this.spec });
  }
}

export async function program(file: string, ...args: string[]): Promise<string> {
  return (await promisify(execFile)(file, args)).stdout;
}
export const virsh = (...args: string[]): Promise<string> => program('/usr/bin/virsh', '-c', 'qemu:///system', ...args);

/** The code with which a call was refused. */
export const refused = (answer: Promise<unknown>): Promise<unknown> =>
  answer.then(
    () => 'no error',
    (error: { code?: string }) => error.code ?? error,
  );

export async function eventually<T>(what: string, read: () => Promise<T>, good: (value: T) => boolean): Promise<T> {
  let value = await read();
  for (let i = 0; i < 300 && !good(value); i++) {
    await sleep(100);
    value = await read();
  }
  if (!good(value)) throw new Error(`never: ${what}; last: ${JSON.stringify(value)}`);
  return value;
}

const base32 = (length: number): string =>
  Array.from(randomBytes(length), (byte) => 'abcdefghijklmnopqrstuvwxyz234567'[byte % 32]).join('');

async function makeImage(folder: string, disk: Buffer): Promise<TestImage> {
  const work = await mkdtemp(join(tmpdir(), 'tsubo-image-'));
  try {
    await writeFile(join(work, 'raw'), disk);
    await exec('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', join(work, 'raw'), join(work, 'qcow2')]);
    const content = await readFile(join(work, 'qcow2'));
    const digest = createHash('sha256').update(content).digest('hex');
    await writeFile(join(folder, 'partial'), content);
    await rename(join(folder, 'partial'), join(folder, `${digest}.qcow2`));
    return { digest, bytes: content.length };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
