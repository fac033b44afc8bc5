/** The Debian image where the journeys do not take it: by UEFI, on a machine without Virtio. */
import { link, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CACHE, imageManifest } from '../scripts/install/images.ts';
import { Guest, makeKey, untilLogin } from '../scripts/stack/guest.ts';
import type { TestHost } from './testing.ts';
import { withHost } from './testing-file.ts';

let host: TestHost;
withHost((given) => {
  host = given;
});

/** Under emulation on a busy machine; the journeys measure how busy it is. */
const BOOT_MS = 400_000;

test(
  'Debian 12 boots by UEFI from a SATA disk, has its address on an e1000, and hears the power button',
  async () => {
    const { api } = host.agent;
    const { digest, bytes } = imageManifest.parse(
      JSON.parse(await readFile(join(CACHE, 'images/debian12.json'), 'utf8')),
    );
    const file = `${digest}.qcow2`;
    await link(join(CACHE, 'images', file), join(host.folder, 'sources', file));
    await api.ensureImage({ digest, bytes });

    const { volume: small } = host.newServer();
    const volume = { ...small, sizeGiB: 5, backingDigest: digest };
    const server = host.newServer({ firmware: 'uefi', virtio: false, vcpu: 2, memoryMiB: 1_024, disks: [volume] });
    const key = await makeKey();
    await api.putVolume({ ...server.at(1), volume });
    await api.putSeed({ ...server.at(1), seed: { ...server.seed, hostname: 'uefi-1', sshKeys: [key.publicKey] } });
    await api.putNetwork({ ...server.at(1), vifs: server.vifs });
    await api.putDomain({ ...server.at(1), spec: server.spec });
    await api.power({ ...server.at(1), action: 'start' });
    await untilLogin(join(host.dataDir, 'serial', server.id, 'serial.log'), { deadlineMs: BOOT_MS });

    const guest = new Guest(server.vifs[0]!.ipv4.address, key);
    await expect.poll(async () => (await guest.run('true', 8_000)).code, { timeout: 60_000 }).toBe(0);
    expect(await guest.out('hostname; ls -d /sys/firmware/efi; lsblk -dno NAME,TRAN | grep sata', 20_000)).toMatch(
      /^uefi-1\n\/sys\/firmware\/efi\nsda +sata\n/,
    );
    expect(await guest.out('basename $(readlink /sys/class/net/e*/device/driver)', 20_000)).toBe('e1000\n');
    await api.power({ ...server.at(1), action: 'shutdown' });
    await expect
      .poll(async () => (await api.observe({ serverId: server.id })).reason, { timeout: 120_000 })
      .toBe('guest-shutdown');
    await key.remove();
  },
  BOOT_MS + 240_000,
);
