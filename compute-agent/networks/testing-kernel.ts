/**
 * For tests: code in namespaces of its own (network, processes, mounts), so that nothing of this machine is read or
 * changed, and what it starts ends with it. Needs root, and nothing else.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const moduleOf = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
const IMPORTS = `
  import { exec } from ${moduleOf('../exec.ts')};
  import { attachedNetworks } from ${moduleOf('./bridge.ts')};
  import { createNetwork } from ${moduleOf('./network.ts')};
  import { restoreTaps } from ${moduleOf('./taps.ts')};
  const ip = (line) => exec('ip', line.split(' '));
  const nft = async (...args) => (await exec('nft', args, { ok: [0, 1] })).stdout;
`;

/** Runs the lines of a module, with the above imported, and answers what they hand to `answer` (JSON). */
export async function inFreshKernel<T>(lines: string): Promise<T> {
  const module = `${IMPORTS}const answer = (value) => { process.stdout.write(JSON.stringify(value), () => process.exit()); };\n${lines}`;
  const namespaces = ['--net', '--pid', '--mount', '--fork', '--kill-child', '--mount-proc'];
  const node = [process.execPath, '--input-type=module', '--eval', module];
  // Not as the first process: that one would have to reap strangers.
  const shell = ['/bin/sh', '-c', '/usr/sbin/ip link set lo up && "$@"; exit $?', 'sh'];
  const { stdout } = await promisify(execFile)('/usr/bin/unshare', [...namespaces, ...shell, ...node]);
  return JSON.parse(stdout.trim().split('\n').at(-1) as string);
}
