/**
 * The bridge's dnsmasq: started where it is missing, started again when it dies, told when leases change.
 *
 * It daemonizes into a session of its own and outlives the agent, whose next run finds it by its command line. The
 * configuration's digest is part of the file's name and so of that command line: one that runs with an older
 * configuration is seen as such and replaced. So is one that listens on a bridge which is gone: the bridge's index is
 * part of the configuration, and one that was made again has another.
 */
import { createHash } from 'node:crypto';
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { listFolder, readIfThere, removeDurably, sweepTemporary, writeDurably } from '../durable.ts';
import { indexOf, type Run } from './bridge.ts';
import { dnsmasqConfig, isServerId, type Lease, leaseLines, parseLeases } from './leases.ts';
import { findProcesses, type Process, readProcess, signal } from './processes.ts';

const OLD_ENDS_MS = 3_000;

export class Dnsmasq {
  readonly #run: Run;
  readonly #bridge: string;
  readonly #folder: string;
  readonly #hosts: string;
  readonly #settings: string;
  #config = '';
  #configFile = '';
  readonly #prefix: string;
  #starting: Promise<boolean> | undefined;

  constructor(run: Run, dataDir: string, bridge: { name: string; v4: string; v6: string }) {
    this.#run = run;
    this.#bridge = bridge.name;
    this.#folder = join(dataDir, 'dnsmasq');
    this.#hosts = join(this.#folder, 'hosts');
    this.#settings = dnsmasqConfig({
      bridge: bridge.name,
      v4: bridge.v4,
      v6: bridge.v6,
      hostsFolder: this.#hosts,
      pidFile: join(this.#folder, `${bridge.name}.pid`),
    });
    this.#prefix = join(this.#folder, `${bridge.name}-`);
  }

  /** What it has to run with now. Whether there is a bridge that it could listen on. */
  async #follow(): Promise<boolean> {
    const index = await indexOf(this.#bridge);
    if (index === null) return false;
    this.#config = `${this.#settings}# Interface ${index}.\n`;
    const digest = createHash('sha256').update(this.#config).digest('hex').slice(0, 12);
    this.#configFile = `${this.#prefix}${digest}.conf`;
    return true;
  }

  /** Starts it where it does not run with this configuration; whether that was needed. */
  ensure(): Promise<boolean> {
    // One at a time: two of them would both bind, since dnsmasq lets its ports be shared.
    this.#starting ??= this.#ensure().finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  async #ensure(): Promise<boolean> {
    // The check makes the bridge again.
    if (!(await this.#follow())) return false;
    if (await this.#current()) return false;
    // It gives up root and must still read these.
    for (const folder of [this.#folder, this.#hosts]) {
      await mkdir(folder, { recursive: true });
      await chmod(folder, 0o755);
    }
    const mine = await findProcesses((process) => this.#isOurs(process));
    const good = mine.filter(({ argv }) => argv.includes(`--conf-file=${this.#configFile}`));
    if (good.length === 1 && mine.length === 1) {
      await this.#notePid(good[0] as Process);
      return false;
    }
    await Promise.all(mine.map(({ pid }) => end(pid)));
    for (const name of await listFolder(this.#folder)) {
      if (name.startsWith(basename(this.#prefix)) && name.endsWith('.conf')) await rm(join(this.#folder, name));
    }
    await writeFile(this.#configFile, this.#config, { mode: 0o644 });
    await this.#run('dnsmasq', [`--conf-file=${this.#configFile}`]);
    return true;
  }

  /** The one that its pid file names, if that is really it and it runs with this configuration. */
  async #current(): Promise<Process | null> {
    const pid = Number((await readIfThere(this.#pidFile()))?.trim());
    if (!Number.isInteger(pid) || pid < 2) return null;
    const process = await readProcess(pid);
    return process?.argv.includes(`--conf-file=${this.#configFile}`) ? process : null;
  }

  #pidFile(): string {
    return join(this.#folder, `${this.#bridge}.pid`);
  }

  async #notePid({ pid }: Process): Promise<void> {
    const temporary = join(this.#folder, `.${this.#bridge}.pid`);
    await writeFile(temporary, `${pid}\n`);
    await rename(temporary, this.#pidFile());
  }

  #isOurs({ argv }: Process): boolean {
    return basename(argv[0] ?? '') === 'dnsmasq' && argv.some((text) => text.startsWith(`--conf-file=${this.#prefix}`));
  }

  /** Takes away leases that a crash left half-written. Not while leases are being put. */
  sweep(): Promise<void> {
    return sweepTemporary(this.#hosts);
  }

  /** Reads the leases anew. A lease that was taken away is only forgotten by this. */
  async #reload(): Promise<void> {
    await this.#follow();
    const process = await this.#current();
    if (process) signal(process.pid, 'SIGHUP');
  }

  async leasesOf(serverId: string): Promise<Lease[]> {
    return parseLeases((await readIfThere(join(this.#hosts, serverId))) ?? '');
  }

  /** Whether anything changed. */
  async putLeases(serverId: string, leases: readonly Lease[]): Promise<boolean> {
    const file = join(this.#hosts, serverId);
    const text = leaseLines(leases);
    if ((await readIfThere(file)) === text) return false;
    await mkdir(this.#hosts, { recursive: true });
    await writeDurably(file, text, 0o644);
    await this.#reload();
    return true;
  }

  async removeLeases(serverId: string): Promise<boolean> {
    if (!(await removeDurably(join(this.#hosts, serverId)))) return false;
    await this.#reload();
    return true;
  }

  /** Servers on record. */
  async servers(): Promise<Set<string>> {
    return new Set((await listFolder(this.#hosts)).filter(isServerId));
  }

  /** Of all servers on record but this one; null: of all. */
  async leasesExcept(serverId: string | null): Promise<Lease[]> {
    const names = [...(await this.servers())].filter((name) => name !== serverId);
    return (await Promise.all(names.map((name) => this.leasesOf(name)))).flat();
  }
}

async function end(pid: number): Promise<void> {
  signal(pid, 'SIGTERM');
  for (let waited = 0; waited < OLD_ENDS_MS; waited += 50) {
    if ((await readProcess(pid)) === null) return;
    await sleep(50);
  }
  signal(pid, 'SIGKILL');
}
