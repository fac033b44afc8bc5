/** The programs that the checker asks, each with a deadline. One that fails ends the look: half a look sees nothing wrong. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

async function output(program: string, args: string[]): Promise<string> {
  return (await run(program, args, { timeout: 20_000, maxBuffer: 64 * 1024 * 1024 })).stdout;
}

export const virsh = (...args: string[]): Promise<string> =>
  output('/usr/bin/virsh', ['-q', '-c', 'qemu:///system', ...args]);
export const ip = (...args: string[]): Promise<string> => output('/usr/sbin/ip', args);
export const bridge = (...args: string[]): Promise<string> => output('/usr/sbin/bridge', args);
export const nft = (...args: string[]): Promise<string> => output('/usr/sbin/nft', args);

export const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
