/** The inside of a rented guest, over SSH from the host, with a key made for the run. */
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
