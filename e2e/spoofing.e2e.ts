/**
 * What a hostile guest sends does not arrive: forged IPv4, IPv6, ARP, neighbour advertisements and MAC addresses.
 * Honest traffic between two customers' guests passes by the host's rules, v4 and v6: the denial's success case.
 */
import { createServer } from 'node:net';
import { expect, test } from '@playwright/test';
import { arp, neighbourAdvertisement, udp4, udp6 } from '../scripts/stack/frames.ts';
import { Capture } from '../scripts/stack/guest.ts';
import { type Customer, operationEnd, signUp, smallestOrder, stack } from './customer.ts';
import { withDatabase } from './database.ts';
import { addKey, ssh, sshUp } from './guest.ts';

interface Rented {
  who: Customer;
  id: string;
  name: string;
  v4: string;
  v6: string;
  mac: string;
  tap: string;
}

async function rent(name: string): Promise<Rented> {
  const who = await signUp(name);
  const order = await smallestOrder(who, { name, sshKeyIds: [await addKey(who)] });
  const { serverId: id, operationId } = await who.api.servers.order.mutate(order);
  expect((await operationEnd(who, operationId)).state).toBe('succeeded');
  const view = await who.api.servers.get.query({ serverId: id });
  const mac = await withDatabase(
    async (db) => (await db.query(`SELECT mac FROM "Vif" WHERE "serverId" = $1`, [id])).rows[0].mac,
  );
  await sshUp(view.ipv4!);
  return { who, id, name, v4: view.ipv4!, v6: view.ipv6!, mac, tap: `v${id}-0` };
}

/**
 * Sends a frame three times and answers on which of the devices its marker was seen. What comes last from the same
 * guest is an honest frame with a marker of its own: where that one has arrived and the frame has not, it never will.
 */
async function seenOn(devices: string[], marker: string, send: () => Promise<unknown>, last: Sentinel) {
  const captures = await Promise.all(devices.map((device) => Capture.start(device)));
  try {
    await send();
    await last.send();
    for (const [at, capture] of captures.entries())
      await expect
        .poll(async () => (await capture.bytes()).includes(last.marker), {
          message: `an honest frame on ${devices[at]}`,
        })
        .toBe(true);
    const contents = await Promise.all(captures.map((capture) => capture.bytes()));
    return devices.filter((_, at) => contents[at]?.includes(marker));
  } finally {
    await Promise.all(captures.map((capture) => capture.end()));
  }
}
interface Sentinel {
  marker: string;
  send: () => Promise<unknown>;
}

test('forged frames do not pass, honest ones do, and the host’s daemons are out of reach', async () => {
  const attacker = await rent('attacker');
  const victim = await rent('victim');
  const [gateway4, gateway6] = await withDatabase(async (db) =>
    (await db.query(`SELECT gateway FROM "Pool" ORDER BY family`)).rows.map((row) => row.gateway as string),
  );
  expect(await ssh(attacker.v4, `ping -c 3 -W 5 ${victim.v4}`)).toContain(' 0% packet loss');
  expect(await ssh(attacker.v4, `ping -6 -c 3 -W 5 ${victim.v6}`)).toContain(' 0% packet loss');

  const toMac = (await ssh(attacker.v4, `cat /proc/net/arp`)).match(/52:54:00:[0-9a-f:]+|02:[0-9a-f:]{14}/)![0];
  const honest = { fromMac: attacker.mac, toMac };
  const around = [victim.tap, stack.bridge];
  const send = (frame: string) => ssh(attacker.v4, `rawframe -c 3 eth0 ${frame}`);
  const last: Sentinel = {
    marker: 'HONEST-LAST',
    send: () => send(udp4({ ...honest, from: attacker.v4, to: victim.v4, marker: 'HONEST-LAST' })),
  };
  const seen = (marker: string, frame: string) => seenOn(around, marker, () => send(frame), last);

  // A hand-made honest frame arrives at both, so that a capture that sees nothing means something.
  expect(await seen('HONEST-V4', udp4({ ...honest, from: attacker.v4, to: victim.v4, marker: 'HONEST-V4' }))).toEqual(
    around,
  );
  expect(await seen('HONEST-V6', udp6({ ...honest, from: attacker.v6, to: victim.v6, marker: 'HONEST-V6' }))).toEqual(
    around,
  );

  const foreign4 = attacker.v4.replace(/\d+$/, '251');
  const foreign6 = attacker.v6.replace(/[0-9a-f]+$/, 'beef');
  const everyone = { fromMac: attacker.mac, toMac: 'ff:ff:ff:ff:ff:ff' };
  const forged: Record<string, string> = {
    'FORGED-IPV4': udp4({ ...honest, from: foreign4, to: victim.v4, marker: 'FORGED-IPV4' }),
    'FORGED-VICTIM4': udp4({ ...honest, from: victim.v4, to: gateway4!, marker: 'FORGED-VICTIM4' }),
    'FORGED-IPV6': udp6({ ...honest, from: foreign6, to: victim.v6, marker: 'FORGED-IPV6' }),
    'FORGED-MAC': udp4({
      ...honest,
      fromMac: '52:54:00:66:66:66',
      from: attacker.v4,
      to: victim.v4,
      marker: 'FORGED-MAC',
    }),
    'FORGED-ARP-GW': arp({ ...everyone, opcode: 2, claims: gateway4!, target: victim.v4, marker: 'FORGED-ARP-GW' }),
    'FORGED-ARP-VICTIM': arp({
      ...everyone,
      opcode: 2,
      claims: victim.v4,
      target: gateway4!,
      marker: 'FORGED-ARP-VICTIM',
    }),
    'FORGED-NA-GW': neighbourAdvertisement({
      ...everyone,
      toMac: '33:33:00:00:00:01',
      from: gateway6!,
      to: 'ff02::1',
      claims: gateway6!,
      claimsMac: attacker.mac,
      marker: 'FORGED-NA-GW',
    }),
    'FORGED-NA-VICTIM': neighbourAdvertisement({
      ...everyone,
      toMac: '33:33:00:00:00:01',
      from: victim.v6,
      to: 'ff02::1',
      claims: victim.v6,
      claimsMac: attacker.mac,
      marker: 'FORGED-NA-VICTIM',
    }),
  };
  for (const [marker, frame] of Object.entries(forged)) expect(await seen(marker, frame), marker).toEqual([]);

  // A daemon that listens everywhere on the host is not there for a guest; nor are Tsubo's own and the metadata address.
  const daemon = createServer((socket) => socket.end('reached the host\n')).listen(0, '::');
  await new Promise((resolve) => daemon.once('listening', resolve));
  const { port } = daemon.address() as { port: number };
  for (const gateway of [gateway4, gateway6])
    for (const one of [port, 54329, 3100, 9443, 16509]) {
      // Dropped, not refused: not even a closed port answers.
      const said = await ssh(attacker.v4, `nc -w 2 ${gateway} ${one} </dev/null 2>&1; true`);
      expect(said, `${gateway} port ${one}`).toContain('timed out');
    }
  expect(await ssh(attacker.v4, 'nc -w 2 169.254.169.254 80 </dev/null 2>&1; true')).not.toContain('HTTP');
  daemon.close();

  for (const { who, id, name } of [attacker, victim]) {
    const removal = await who.api.servers.delete.mutate({ serverId: id, confirmName: name });
    expect((await operationEnd(who, removal.operationId)).state).toBe('succeeded');
  }
});
