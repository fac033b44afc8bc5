/** One side of a round in its own process: `node load.ts ours|addon FOLDER DOMAIN SECONDS CALLS`. Prints JSON. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '../../../compute-agent/libvirt/client.ts';

const [side, folder = '', name = '', seconds = '', calls = ''] = process.argv.slice(2);

interface Side {
  getInfo(): Promise<{ state: unknown }>;
  close(): Promise<unknown>;
}

async function ours(): Promise<Side> {
  // The libvirtd is set up as the product's, which takes 100 of one client (scripts/install/libvirt.ts).
  const libvirt = connect({ inFlight: 32 });
  await libvirt.ready(20_000);
  const domain = await libvirt.domainLookupByName(name);
  return { getInfo: () => libvirt.domainGetInfo(domain), close: () => libvirt.close() };
}

async function addon(): Promise<Side> {
  const { Hypervisor } = await import(join(folder, 'node_modules/@unraid/libvirt/dist/index.js'));
  const hypervisor = new Hypervisor({ uri: 'qemu:///system' });
  await hypervisor.connectOpen();
  const domain = await hypervisor.domainLookupByName(name);
  return { getInfo: () => hypervisor.domainGetInfo(domain), close: () => hypervisor.connectClose() };
}

const { getInfo, close } = await (side === 'ours' ? ours() : addon());
let made = 0;

/** `inFlight` callers, each with its next call after its last, until `done`. Calls per second. */
async function rate(inFlight: number, done: (callsMade: number, ms: number) => boolean): Promise<number> {
  const began = performance.now();
  let count = 0;
  const caller = async () => {
    while (!done(count, performance.now() - began)) {
      const { state } = await getInfo();
      if (state === undefined) throw new Error('no state in the answer');
      count++;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, caller));
  made += count;
  return (1_000 * count) / (performance.now() - began);
}

const forMs = (ms: number) => (_calls: number, passed: number) => passed >= ms;
// Compiled, cached, warm.
await rate(32, forMs(500));
const cpu = process.cpuUsage();
const before = made;
const [at1, at4, at32] = [
  await rate(1, forMs(Number(seconds) * 1_000)),
  await rate(4, forMs(Number(seconds) * 1_000)),
  await rate(32, forMs(Number(seconds) * 1_000)),
];
const { user, system } = process.cpuUsage(cpu);
const cpuMsPerCall = Number(((user + system) / 1_000 / (made - before)).toFixed(4));
const wanted = Number(calls) - made;
if (wanted > 0) await rate(32, (count) => count >= wanted);
const rssKib = Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
process.stdout.write(JSON.stringify({ at1, at4, at32, cpuMsPerCall, rssKib }));
await close();
