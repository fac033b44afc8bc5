/**
 * What a hostile guest sends does not arrive: forged IPv4, IPv6, ARP, neighbour advertisements and MAC addresses.
 * Honest traffic between two customers' guests passes by the host's rules, in v4 and v6: the denial's success case.
 */
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { expect, test } from '@playwright/test';
import { type Customer, operationEnd, signUp, smallestOrder, stack } from './customer.ts';
import { withDatabase } from './database.ts';
import { arpReply, neighbourAdvertisement, ping4, ping6 } from './frames.ts';
import { addKey, ssh, sshUp } from './guest.ts';

interface Guest {
  who: Customer;
  id: string;
  v4: string;
  v6: string;
  mac: string;
  tap: string;
}

async function rent(name: string): Promise<Guest> {
  const who = await signUp(name);
  const order = await smallestOrder(who, { name, sshKeyIds: [await addKey(who)] });
  const { serverId, operationId } = await who.api.servers.order.mutate(order);
  expect((await operationEnd(who, operationId)).state).toBe('succeeded');
  const view = await who.api.servers.get.query({ serverId });
  const mac = await withDatabase(
    async (db) => (await db.query(`SELECT mac FROM "Vif" WHERE "serverId" = $1`, [serverId])).rows[0].mac,
  );
  await sshUp(view.ipv4!);
  return { who, id: serverId, v4: view.ipv4!, v6: view.ipv6!, mac, tap: `v${serverId}-0` };
}

/** Everything that tcpdump sees on an interface meanwhile, with hex. */
async function captured(device: string, work: () => Promise<void>): Promise<string> {
  const dump = spawn('/usr/bin/tcpdump', ['-i', device, '-U', '-n', '-e', '-xx', '-l'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  dump.stdout.on('data', (chunk: Buffer) => (text += chunk));
  await new Promise<void>((resolve, reject) => {
    dump.stderr.on('data', (chunk: Buffer) => chunk.includes('listening on') && resolve());
    dump.once('error', reject);
    dump.once('exit', () => reject(new Error(`tcpdump on ${device} ended`)));
  });
  await work();
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const ended = new Promise((resolve) => dump.once('exit', resolve));
  dump.kill('SIGINT');
  await ended;
  // Two-byte groups with offsets → one run of hex per packet.
  return text.replace(/^\s*0x[0-9a-f]+:\s*/gm, '').replace(/\s+/g, '');
}

test('forged frames do not pass; honest ones do; the host’s daemons are out of reach', async () => {
  const attacker = await rent('attacker');
  const victim = await rent('victim');
  const bridgeMac = (await ssh(attacker.v4, `ip neigh | grep -i lladdr | awk '{print $5}' | head -1`)).trim();
  expect(bridgeMac).toMatch(/^[0-9a-f:]{17}$/);
  const send = (frame: string) => ssh(attacker.v4, `rawframe -c 3 eth0 ${frame}`);
  const hexOf = (text: string) => Buffer.from(text).toString('hex');

  // Success case: guest to guest, v4 and v6, and a hand-made honest frame arrives.
  expect(await ssh(attacker.v4, `ping -c 3 -W 5 ${victim.v4}`)).toContain(' 0% packet loss');
  expect(await ssh(attacker.v4, `ping -6 -c 3 -W 5 ${victim.v6}`)).toContain(' 0% packet loss');
  const honest = await captured(victim.tap, async () => {
    await send(
      ping4({ toMac: bridgeMac, fromMac: attacker.mac, from: attacker.v4, to: victim.v4, mark: 'HONEST-FRAME-V4.' }),
    );
    await send(
      ping6({ toMac: bridgeMac, fromMac: attacker.mac, from: attacker.v6, to: victim.v6, mark: 'HONEST-FRAME-V6.' }),
    );
  });
  expect(honest).toContain(hexOf('HONEST-FRAME-V4.'));
  expect(honest).toContain(hexOf('HONEST-FRAME-V6.'));

  const prefix4 = victim.v4.split('.').slice(0, 3).join('.');
  const gateway4 = `${prefix4}.1`;
  const gateway6 = `${victim.v6.split('::')[0]}::1`;
  const forged: Record<string, [frame: string, mark: string]> = {
    IPv4: [
      ping4({
        toMac: bridgeMac,
        fromMac: attacker.mac,
        from: `${prefix4}.251`,
        to: victim.v4,
        mark: 'FORGED-IPV4-SRC.',
      }),
      'FORGED-IPV4-SRC.',
    ],
    IPv6: [
      ping6({
        toMac: bridgeMac,
        fromMac: attacker.mac,
        from: 'fd77:7473:7562::beef',
        to: victim.v6,
        mark: 'FORGED-IPV6-SRC.',
      }),
      'FORGED-IPV6-SRC.',
    ],
    MAC: [
      ping4({
        toMac: bridgeMac,
        fromMac: '52:54:00:66:66:66',
        from: attacker.v4,
        to: victim.v4,
        mark: 'FORGED-MAC-ADDR.',
      }),
      'FORGED-MAC-ADDR.',
    ],
  };
  for (const [kind, [frame, mark]] of Object.entries(forged)) {
    for (const device of [victim.tap, stack.bridge]) {
      const seen = await captured(device, async () => void (await send(frame)));
      expect(seen, `${kind} on ${device}`).not.toContain(hexOf(mark));
    }
  }

  // Claims to be the gateway or the victim: neither the bridge nor the other guest hears them.
  for (const claimed of [gateway4, victim.v4]) {
    const frame = arpReply({ toMac: 'ff:ff:ff:ff:ff:ff', fromMac: attacker.mac, claimed, to: victim.v4 });
    for (const device of [victim.tap, stack.bridge])
      expect(
        await captured(device, async () => void (await send(frame))),
        `ARP for ${claimed} on ${device}`,
      ).not.toContain(frame.slice(24, 84));
  }
  for (const claimed of [gateway6, victim.v6]) {
    const frame = neighbourAdvertisement({ toMac: '33:33:00:00:00:01', fromMac: attacker.mac, claimed, to: 'ff02::1' });
    for (const device of [victim.tap, stack.bridge])
      expect(
        await captured(device, async () => void (await send(frame))),
        `NA for ${claimed} on ${device}`,
      ).not.toContain(frame.slice(28));
  }

  // A daemon that listens everywhere on the host is not there for a guest.
  const daemon = createServer((socket) => socket.end('reached the host\n')).listen(0, '::');
  await new Promise((resolve) => daemon.once('listening', resolve));
  const { port } = daemon.address() as { port: number };
  const ports = [port, 22, 54329, 3100, 9443, 16509];
  for (const one of ports) {
    expect(await ssh(attacker.v4, `(echo | nc -w 2 ${gateway4} ${one}) 2>&1; true`), `v4 port ${one}`).not.toContain(
      'reached',
    );
    expect(await ssh(attacker.v4, `(echo | nc -w 2 ${gateway6} ${one}) 2>&1; true`), `v6 port ${one}`).not.toContain(
      'reached',
    );
  }
  expect(await ssh(attacker.v4, '(echo | nc -w 2 169.254.169.254 80) 2>&1; true')).not.toContain('HTTP');
  daemon.close();

  for (const guest of [attacker, victim]) {
    const removal = await guest.who.api.servers.delete.mutate({
      serverId: guest.id,
      confirmName: guest === attacker ? 'attacker' : 'victim',
    });
    expect((await operationEnd(guest.who, removal.operationId)).state).toBe('succeeded');
  }
});
