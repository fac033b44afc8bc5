/** The inside of a rented guest, over SSH from the host, with a key made for the run. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Guest, makeKey } from '../scripts/stack/guest.ts';
import type { Customer } from './customer.ts';
import { patience } from './patience.ts';
import { readStack } from './stack.ts';

/** In the stack's own folder, which goes with it. */
const key = await makeKey(readStack().data);
export const publicKey = key.publicKey;

export async function addKey(who: Customer): Promise<string> {
  return (await who.api.sshKeys.add.mutate({ name: 'e2e', publicKey })).id;
}

/** Runs a command as root in the guest; rejects with its words where it fails. */
export const ssh = (address: string, command: string): Promise<string> =>
  new Guest(address, key).out(command, patience(20_000));

/** Waits until the guest answers over SSH. */
export async function sshUp(address: string, deadlineMs = patience(90_000)): Promise<void> {
  const guest = new Guest(address, key);
  for (const until = Date.now() + deadlineMs; ; await sleep(500)) {
    const { code, stderr } = await guest.run('true', patience(8_000));
    if (code === 0) return;
    if (Date.now() > until) throw new Error(`no ssh at ${address}: ${stderr}`);
  }
}

/** Runs a command as root in the guest, signed in by password alone; rejects with ssh's words where that fails. */
export function sshByPassword(address: string, password: string, command: string): Promise<string> {
  // ssh takes a password from a program only; this one knows it from its environment.
  const askpass = join(readStack().data, 'askpass');
  writeFileSync(askpass, '#!/bin/sh\nprintf "%s\\n" "$GUEST_PASSWORD"\n', { mode: 0o700 });
  const options = [
    ...['PubkeyAuthentication=no', 'NumberOfPasswordPrompts=1', 'LogLevel=ERROR'],
    ...['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'ConnectTimeout=10'],
  ].flatMap((option) => ['-o', option]);
  const env = { ...process.env, SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force', GUEST_PASSWORD: password };
  return new Promise((resolve, reject) => {
    execFile(
      '/usr/bin/setsid',
      ['--wait', '/usr/bin/ssh', ...options, `root@${address}`, command],
      { timeout: patience(20_000), env },
      (error, stdout, stderr) => (error ? reject(new Error(`no login at ${address}: ${stderr}`)) : resolve(stdout)),
    );
  });
}
