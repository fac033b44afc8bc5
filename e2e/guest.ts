/** The inside of a rented guest, over SSH from the host, with a key made for the run. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Customer } from './customer.ts';

const run = promisify(execFile);

const folder = mkdtempSync(join(tmpdir(), 'tsubo-e2e-key-'));
const keyFile = join(folder, 'id');
execFileSync('/usr/bin/ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'e2e', '-f', keyFile]);
export const publicKey = readFileSync(`${keyFile}.pub`, 'utf8').trim();

export async function addKey(who: Customer): Promise<string> {
  const key = await who.api.sshKeys.add.mutate({ name: 'e2e', publicKey });
  return key.id;
}

/** Runs a command as root in the guest; rejects with its stderr. */
export async function ssh(address: string, command: string, deadlineMs = 20_000): Promise<string> {
  const { stdout } = await run(
    '/usr/bin/ssh',
    [
      '-i',
      keyFile,
      '-o',
      'StrictHostKeyChecking=no',
      '-o',
      'UserKnownHostsFile=/dev/null',
      '-o',
      'LogLevel=ERROR',
      '-o',
      'BatchMode=yes',
      '-o',
      'ConnectTimeout=3',
      `root@${address}`,
      command,
    ],
    { timeout: deadlineMs },
  );
  return stdout;
}

/** Waits until the guest answers over SSH. */
export async function sshUp(address: string, deadlineMs = 120_000): Promise<void> {
  const until = Date.now() + deadlineMs;
  for (;;) {
    try {
      await ssh(address, 'true', 6000);
      return;
    } catch (error) {
      if (Date.now() > until) throw new Error(`no ssh at ${address}`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}
