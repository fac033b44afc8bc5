/**
 * npm run -s bench provision [-- --orders 10]
 *
 * From the accepted order to the running domain, against the same steps by hand (nwfilter, qemu-img, define, start)
 * with the byte-same XML and seed, alternating in one run. Medians; `ratio` = (ours − 300 ms) ÷ peer, goal ≤ 1.2.
 */
import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import { connect } from '../../../compute-agent/libvirt/client.ts';
import { operationEnd, signUp, smallestOrder, stack } from '../../../e2e/customer.ts';
import { addKey, sshUp } from '../../../e2e/guest.ts';

const { values } = parseArgs({ options: { orders: { type: 'string', default: '10' } } });
const orders = Number(values.orders);
if (!Number.isInteger(orders) || orders < 1)
  throw new Error(`--orders is a whole number from 1 on, not ${values.orders}`);
const STARTED = 2; // VIR_DOMAIN_EVENT_STARTED
/** Boots cost much more than provisioning; so many orders are followed up to their ssh. */
const BOOTS = 3;

const virsh = (...args: string[]) =>
  execFileSync('/usr/bin/virsh', ['-q', '-c', 'qemu:///system', ...args], { encoding: 'utf8' });
const run = promisify(execFile);

const libvirt = connect({});
await libvirt.ready();
const startedAt = new Map<string, number>();
libvirt.onLifecycle((event) => event.event === STARTED && startedAt.set(event.domain.name, performance.now()));

async function started(name: string): Promise<number> {
  for (const until = performance.now() + 60_000; performance.now() < until; await sleep(5)) {
    const at = startedAt.get(name);
    if (at !== undefined) return at;
  }
  throw new Error(`${name} did not start`);
}

interface Leftover {
  xml: string;
  filter: string;
  filterName: string;
  disk: string;
  backing: string;
  gib: number;
  seed: string;
  /** Folders of sockets and logs that the XML names and libvirt does not make. */
  folders: { path: string; uid: number; gid: number; mode: number }[];
}

const one = (text: string, pattern: RegExp): string => {
  const found = text.match(pattern)?.[1];
  if (found === undefined) throw new Error(`no ${pattern} in ${text}`);
  return found;
};

/** What a person would need to do the same by hand, read before the server is given back. */
function remember(serverId: string, seedCopy: string): Leftover {
  const xml = virsh('dumpxml', '--inactive', serverId);
  const filterName = one(xml, /<filterref filter='([^']+)'/);
  const disk = one(xml, /<source file='([^']+\.qcow2)'/);
  const seed = one(xml, /<source file='([^']+\.iso)'/);
  copyFileSync(seed, seedCopy);
  const info = JSON.parse(
    execFileSync('/usr/bin/qemu-img', ['info', '-U', '--output=json', disk], { encoding: 'utf8' }),
  );
  return {
    xml,
    filter: virsh('nwfilter-dumpxml', filterName),
    filterName,
    disk,
    backing: info['full-backing-filename'] ?? info['backing-filename'],
    gib: info['virtual-size'] / 2 ** 30,
    seed,
    folders: [...xml.matchAll(/(?:path|socket|file)='([^']+\.(?:sock|log))'/g)].map(([, file]) => {
      const path = dirname(file!);
      const { uid, gid, mode } = statSync(path);
      return { path, uid, gid, mode };
    }),
  };
}

/** The same by hand; answers milliseconds until the domain runs. */
async function byHand(serverId: string, left: Leftover, seedCopy: string): Promise<number> {
  const xmlFile = join(stack.data, `hand-${serverId}.xml`);
  const filterFile = join(stack.data, `hand-${serverId}-filter.xml`);
  writeFileSync(xmlFile, left.xml);
  writeFileSync(filterFile, left.filter);
  mkdirSync(dirname(left.disk), { recursive: true });
  mkdirSync(dirname(left.seed), { recursive: true });
  for (const { path, uid, gid, mode } of left.folders) {
    mkdirSync(path, { recursive: true });
    chownSync(path, uid, gid);
    chmodSync(path, mode & 0o7777);
  }
  startedAt.delete(serverId);
  const began = performance.now();
  await run('/usr/bin/virsh', ['-q', '-c', 'qemu:///system', 'nwfilter-define', filterFile]);
  await run('/usr/bin/qemu-img', [
    'create',
    '-q',
    '-f',
    'qcow2',
    '-b',
    left.backing,
    '-F',
    'qcow2',
    left.disk,
    `${left.gib}G`,
  ]);
  copyFileSync(seedCopy, left.seed);
  await run('/usr/bin/virsh', ['-q', '-c', 'qemu:///system', 'define', xmlFile]);
  await run('/usr/bin/virsh', ['-q', '-c', 'qemu:///system', 'start', serverId]);
  const ms = (await started(serverId)) - began;
  virsh('destroy', serverId);
  virsh('undefine', serverId);
  virsh('nwfilter-undefine', left.filterName);
  for (const file of [left.disk, left.seed, xmlFile, filterFile]) rmSync(file, { force: true });
  for (const { path } of left.folders) if (path.includes(serverId)) rmSync(path, { recursive: true, force: true });
  return ms;
}

const median = (numbers: number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

const who = await signUp('provision');
const keyId = await addKey(who);
/** The order's own request, which `ours` does not hold: the clock starts at the accepted order. */
const answering: number[] = [];
const ours: number[] = [];
const peer: number[] = [];
const toLogin: number[] = [];
const toSsh: number[] = [];
for (let n = 1; n <= orders; n++) {
  const name = `bench-${n}`;
  const order = await smallestOrder(who, { name, sshKeyIds: [keyId] });
  const asked = performance.now();
  const { serverId, operationId } = await who.api.servers.order.mutate(order);
  const accepted = performance.now();
  answering.push(accepted - asked);
  ours.push((await started(serverId)) - accepted);
  const end = await operationEnd(who, operationId);
  if (end.state !== 'succeeded') throw new Error(`order ${n} ended ${end.state}`);
  if (n <= BOOTS) {
    const log = one(virsh('dumpxml', serverId), /<log file='([^']+)'/);
    for (const until = performance.now() + 120_000; !readFileSync(log, 'utf8').includes('login:'); await sleep(50))
      if (performance.now() > until) throw new Error('no login:');
    toLogin.push(performance.now() - accepted);
    const { ipv4 } = await who.api.servers.get.query({ serverId });
    await sshUp(ipv4!);
    toSsh.push(performance.now() - accepted);
  }
  const seedCopy = join(stack.data, `hand-${serverId}.iso`);
  const left = remember(serverId, seedCopy);
  const removal = await who.api.servers.delete.mutate({ serverId, confirmName: name });
  await operationEnd(who, removal.operationId);
  // The agent would take away at once what appears under the name of a server that was given back.
  const agent = Number.parseInt(readFileSync(stack.pidFiles.agent!, 'utf8'), 10);
  process.kill(agent, 'SIGSTOP');
  try {
    peer.push(await byHand(serverId, left, seedCopy));
  } finally {
    process.kill(agent, 'SIGCONT');
  }
  rmSync(seedCopy);
  process.stdout.write(`order ${n}: ours ${Math.round(ours.at(-1)!)} ms, by hand ${Math.round(peer.at(-1)!)} ms\n`);
}
await libvirt.close();

const oursMs = median(ours);
const peerMs = median(peer);
process.stdout.write(
  `${JSON.stringify({
    bench: 'provision',
    peer: 'virsh',
    ours_ms: Math.round(oursMs),
    peer_ms: Math.round(peerMs),
    ratio: Number(((oursMs - 300) / peerMs).toFixed(3)),
    order_ms: Math.round(median(answering)),
    login_ms: Math.round(median(toLogin)),
    ssh_ms: Math.round(median(toSsh)),
    orders,
  })}\n`,
);
