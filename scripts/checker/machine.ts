/**
 * What is really on this machine, read from libvirt, the files, `ip`, ebtables and dnsmasq's folder themselves:
 * never from the database and never through the agent, whose word is what the checker doubts.
 */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SERVER_ID = /[a-z2-7]{10}/;
const VIF = /^v([a-z2-7]{10})-\d$/;

export interface Machine {
  /** Server id → libvirt's uuid and state words. */
  domains: Map<string, { uuid: string; state: string }>;
  /** Processes of QEMU by the domain they were started for; two of one server is a doubled body. */
  qemus: string[];
  /** Everything else of a server, as `kind name` lines by server id. */
  traces: Map<string, string[]>;
  /** Permanent neighbour entries on the guests' bridge. */
  neighbours: { address: string; mac: string }[];
}

const lines = (text: string): string[] => text.split('\n').filter((line) => line.trim() !== '');

async function virsh(...args: string[]): Promise<string> {
  return (await run('/usr/bin/virsh', ['-q', '-c', 'qemu:///system', ...args], { timeout: 20_000 })).stdout;
}

function files(folder: string): string[] {
  return existsSync(folder) ? (readdirSync(folder, { recursive: true }) as string[]) : [];
}

/** Names of the domains in the command lines of living QEMU processes of this pid namespace. */
function runningQemus(): string[] {
  const found: string[] = [];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      const guest = args[args.indexOf('-name') + 1]?.match(/guest=([a-z2-7]{10})[,$]?/);
      if (args[0]?.includes('qemu-system') && guest?.[1] !== undefined) found.push(guest[1]);
    } catch {
      // It ended between the listing and the reading.
    }
  }
  return found;
}

export async function readMachine(agentData: string, bridge: string): Promise<Machine> {
  const domains = new Map<string, { uuid: string; state: string }>();
  for (const line of lines(await virsh('list', '--all', '--name')).map((name) => name.trim())) {
    const [uuid, state] = await Promise.all([virsh('domuuid', line), virsh('domstate', line)]);
    domains.set(line, { uuid: uuid.trim(), state: state.trim() });
  }

  const traces = new Map<string, string[]>();
  const trace = (kind: string, name: string) => {
    // A VIF is `v<id>-0`: its v is not of the id.
    const id = name.match(VIF)?.[1] ?? name.match(SERVER_ID)?.[0];
    if (id !== undefined) traces.set(id, [...(traces.get(id) ?? []), `${kind} ${name}`]);
  };

  for (const file of files(join(agentData, 'volumes'))) if (file.endsWith('.qcow2')) trace('disk', file);
  for (const file of files(join(agentData, 'seeds'))) trace('seed', file);
  for (const file of files(join(agentData, 'dnsmasq', 'hosts'))) trace('lease', file);
  // What is not one server's: the filters that all of them refer to.
  const common = new Set(['tsubo-vps', 'tsubo-no-ip-spoofing', 'tsubo-no-ipv6-spoofing']);
  for (const line of lines(await virsh('nwfilter-list'))) {
    const name = line.trim().split(/\s+/)[1];
    if (name?.startsWith('tsubo-') && !common.has(name)) trace('filter', name.slice('tsubo-'.length));
  }
  const links = (await run('/usr/sbin/ip', ['-o', 'link', 'show'], { timeout: 10_000 })).stdout;
  for (const [, name] of links.matchAll(/^\d+: (v[a-z2-7]{10}-\d)[@:]/gm)) trace('tap', name!);
  // Not `ebtables -L`: while libvirt changes rules, that fails and meddles.
  const rules = (
    await run('/usr/sbin/nft', ['-s', 'list', 'table', 'bridge', 'nat'], { timeout: 10_000 }).catch(() => ({
      stdout: '',
    }))
  ).stdout;
  for (const [, name] of rules.matchAll(/chain libvirt-I-(v[a-z2-7]{10}-\d) /g)) trace('ebtables', name!);
  const entries = (
    await run('/usr/sbin/ip', ['-o', 'neigh', 'show', 'dev', bridge, 'nud', 'permanent'], { timeout: 10_000 })
  ).stdout;
  const neighbours = lines(entries).flatMap((line) => {
    const [, address, mac] = line.match(/^(\S+) lladdr (\S+)/) ?? [];
    // Multicast has entries of the kernel's own.
    return address === undefined || mac === undefined || /^(ff|2[23]\d\.)/.test(address) ? [] : [{ address, mac }];
  });
  return { domains, qemus: runningQemus(), traces, neighbours };
}
