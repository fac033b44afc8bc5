/** For tests: who reaches what, from a guest of the field and from the host. */
import { execFileSync } from 'node:child_process';
import { createConnection, createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { PORT, type TestServer } from './testing-field.ts';

/** One frame as it is, out of the guest's interface. */
export async function send({ guest }: TestServer, frame: string): Promise<void> {
  const said = await guest.out(`rawframe eth0 ${frame}`);
  if (said !== 'sent 1\n') throw new Error(`the frame was not sent: ${said}`);
}

/**
 * Four echo requests to each address, and all are answered. ping itself is content with one: a redirect, which sends
 * all but the first to where isolation drops them, would pass.
 */
export async function reaches({ guest }: TestServer, ...addresses: string[]): Promise<void> {
  for (const address of addresses) {
    const said = await guest.out(`${address.includes(':') ? 'ping6' : 'ping'} -c 4 -W 3 ${address}`, 40_000);
    if (!said.includes('4 packets received')) throw new Error(`not all were answered: ${said}`);
  }
}

/** What its DHCP client prints. */
export async function askForLease({ guest }: TestServer): Promise<string> {
  const { stdout, stderr } = await guest.run('udhcpc -n -q -f -t 5 -T 1 -i eth0 -s /bin/true');
  return stdout + stderr;
}

/** A daemon of the host on all of its addresses, that says `daemon`. */
export async function listen(port: number): Promise<Server[]> {
  const at = async (host: string) => {
    const server = createServer((socket) => socket.end('daemon\n'));
    await new Promise<void>((resolve) => server.listen({ port, host, ipv6Only: host === '::' }, resolve));
    return server;
  };
  return Promise.all(['0.0.0.0', '::'].map(at));
}

/** What a daemon says to a guest, over TCP. */
export async function heardBy(
  { guest }: TestServer,
  address: string,
  port = PORT,
  waitS = 2,
): Promise<{ address: string; stdout: string; ok: boolean }> {
  const { stdout, code } = await guest.run(`nc -w ${waitS} ${address} ${port} </dev/null`, (waitS + 20) * 1000);
  return { address, stdout, ok: code === 0 };
}

export function heardByHost(address: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const socket = createConnection(PORT, address);
    socket.on('data', (chunk) => {
      said += chunk;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(said));
  });
}

export async function hostPings(address: string): Promise<void> {
  execFileSync('/bin/busybox', ['ping', '-c', '2', '-W', '5', address]);
}

export async function eventually(condition: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 100; i++) {
    if (await condition()) return;
    await sleep(100);
  }
  throw new Error('it did not happen within 10 s');
}
