/** For the reader's tests: puts real things on the machine, inside scripts/stack/isolate. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export const run = (program: string, ...args: string[]) => execFileSync(program, args, { stdio: 'pipe' });
export const virsh = (...args: string[]) => run('/usr/bin/virsh', '-q', '-c', 'qemu:///system', ...args);
export const ip = (...args: string[]) => run('/usr/sbin/ip', ...args);
export const nft = (...args: string[]) => run('/usr/sbin/nft', ...args);

/** Puts a file; the answer takes away what it had to make. */
export function file(path: string, content = 'left over'): () => void {
  let made = path;
  while (!existsSync(dirname(made))) made = dirname(made);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return () => rmSync(made, { recursive: true });
}

/** virsh's command that takes an XML file. */
export function define(command: 'define' | 'nwfilter-define' | 'nwfilter-binding-create', xml: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'tsubo-planted-'));
  writeFileSync(join(folder, 'xml'), xml);
  virsh(command, join(folder, 'xml'));
  rmSync(folder, { recursive: true });
}

export function tap(name: string): () => void {
  ip('tuntap', 'add', name, 'mode', 'tap');
  return () => ip('link', 'delete', name);
}

/** A process that looks like another one to whoever reads /proc. */
export async function impostor(name: string, ...args: string[]): Promise<() => void> {
  const child = spawn('/bin/sh', ['-c', 'read x', ...args], { argv0: name, stdio: ['pipe', 'ignore', 'ignore'] });
  await sleep(100);
  return () => child.kill('SIGKILL');
}

/** Away for a while: the answer brings it back. `to`: on the same file system, where nobody looks. */
export function aside(path: string, to: string): () => void {
  renameSync(path, to);
  return () => renameSync(to, path);
}
