/**
 * npm run -s bench libvirt [-- --rounds 3 --seconds 2 --peer virsh]
 *
 * How many domainGetInfo calls a second one of our clients makes with 1, 4 and 32 in flight, on a libvirtd of its own
 * with one running guest, against the published native addon @unraid/libvirt: built here from its own sources into a
 * temporary folder. Where it does not build, against one `virsh` that is fed with `dominfo`; `peer` says which.
 * Medians of alternating rounds, each in a process of its own. `ratio`: at 32 in flight, ours ÷ peer; goal ≥ 1.3.
 *
 * In flight means under way: our client is told `inFlight: 32` (the agent leaves it at 4, where libvirtd itself is the
 * limit and both sides come to the same), the addon runs as published, with 4 threads, and with 32; its better counts.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildAddon } from './addon.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '2' },
    peer: { type: 'string', default: 'addon' },
  },
});
const root = join(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'tsubo-bench-libvirt.'));
let status = 1;
try {
  const why = values.peer === 'addon' ? await buildAddon(folder) : 'not asked for';
  process.stdout.write(why === null ? 'The addon is built.\n' : `Against virsh; the addon: ${why}\n`);
  // Its sources came over the network; the libvirtd and its guest live where there is none.
  const measure = join(import.meta.dirname, 'measure.ts');
  const args = [why === null ? folder : '-', values.rounds, values.seconds];
  const inside = ['--only', 'libvirt', '--', process.execPath, measure, ...args];
  status = spawnSync(join(root, 'scripts/stack/run'), inside, { stdio: 'inherit', cwd: root }).status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = status;
