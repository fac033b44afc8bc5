/** Inside of the isolation: `node measure.ts ADDON_FOLDER|- ROUNDS SECONDS`. The last line is the result. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { connect } from '../../../compute-agent/libvirt/client.ts';
import { tinyGuestDisk, tinyGuestXml } from '../../../compute-agent/libvirt/tiny-guest.ts';

const [addonFolder, rounds, seconds] = z
  .tuple([z.string(), z.coerce.number().int().min(1), z.coerce.number().positive()])
  .parse(process.argv.slice(2));
const addon = addonFolder === '-' ? null : addonFolder;

const rates = z.object({
  at1: z.number(),
  at4: z.number(),
  at32: z.number(),
  cpuMsPerCall: z.number(),
  rssKib: z.number(),
});
type Rates = z.infer<typeof rates>;

const name = `bench-${randomUUID().slice(0, 8)}`;
const disk = `/var/lib/libvirt/images/${name}.raw`;
writeFileSync(disk, tinyGuestDisk());
const libvirt = connect();
await libvirt.ready(30_000);
const domain = await libvirt.domainCreate(
  await libvirt.domainDefineXml(tinyGuestXml({ name, uuid: randomUUID(), disk })),
);

async function outputOf(child: ChildProcess): Promise<string> {
  const [output] = await Promise.all([text(child.stdout!), once(child, 'exit')]);
  if (child.exitCode !== 0) throw new Error(`ended with ${child.exitCode ?? child.signalCode}`);
  return output;
}

/** `threads`: of libuv, in which the addon waits for libvirt: so many of its calls are under way at a time. */
async function load(side: 'ours' | 'addon', calls: number, threads = 4): Promise<Rates> {
  const args = [join(import.meta.dirname, 'load.ts'), side, addonFolder, name, String(seconds), String(calls)];
  const env = { ...process.env, UV_THREADPOOL_SIZE: String(threads) };
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], env });
  return rates.parse(JSON.parse(await outputOf(child)));
}

/** It makes one command after another, whatever is in flight, and some calls for each. */
async function virshRate(): Promise<number> {
  const child = spawn('/usr/bin/virsh', ['-q', '-c', 'qemu:///system'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const commands = 2_000;
  const began = performance.now();
  child.stdin.end(`dominfo ${name}\n`.repeat(commands));
  const answers = (await outputOf(child)).split(/^Id:/m).length - 1;
  if (answers !== commands) throw new Error(`virsh answered ${answers} of ${commands}`);
  return (1_000 * commands) / (performance.now() - began);
}

const median = (numbers: number[]): number => {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
};

const ours: Rates[] = [];
const peer: (Rates | number)[] = [];
/** The addon with as many threads as calls: what it can do at best. */
const peerThreaded: Rates[] = [];
/** The addon has been seen to end its process with SIGSEGV; such a round is made again. */
let crashes = 0;
for (let round = 1; round <= rounds; round++) {
  ours.push(await load('ours', round === rounds ? 100_000 : 0));
  for (;;) {
    try {
      if (addon && peerThreaded.length < round) peerThreaded.push(await load('addon', 0, 32));
      peer.push(addon ? await load('addon', 0) : await virshRate());
      break;
    } catch (error) {
      if (++crashes > 3) throw error;
      process.stdout.write(`round ${round}: the peer ${(error as Error).message}, again\n`);
    }
  }
  process.stdout.write(
    `round ${round}: ours ${JSON.stringify(ours.at(-1))}, peer ${JSON.stringify(peer.at(-1))} ${JSON.stringify(peerThreaded.at(-1) ?? '')}\n`,
  );
}
await libvirt.domainDestroy(domain);
await libvirt.domainUndefine(domain);
await libvirt.close();

const at = (sides: (Rates | number)[], level: 'at1' | 'at4' | 'at32') =>
  Math.round(median(sides.map((side) => (typeof side === 'number' ? side : side[level]))));
const ours32 = at(ours, 'at32');
// Its better side.
const peer32 = addon ? Math.max(at(peer, 'at32'), at(peerThreaded, 'at32')) : at(peer, 'at32');
process.stdout.write(
  `${JSON.stringify({
    bench: 'libvirt',
    peer: addon ? '@unraid/libvirt' : 'virsh-batch',
    ratio: Number((ours32 / peer32).toFixed(3)),
    ours_1: at(ours, 'at1'),
    ours_4: at(ours, 'at4'),
    ours_32: ours32,
    peer_1: at(peer, 'at1'),
    peer_4: at(peer, 'at4'),
    peer_32: peer32,
    peer_32_as_published: at(peer, 'at32'),
    ours_cpu_ms_per_call: ours.at(-1)!.cpuMsPerCall,
    rss_kib_after_100k: ours.at(-1)!.rssKib,
    peer_crashes: crashes,
    rounds,
    higher_is_better: true,
  })}\n`,
);
