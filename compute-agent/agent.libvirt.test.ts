/** The whole agent against a real libvirtd: scripts/stack/isolate npx vitest run --project hypervisor compute-agent */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { contractSuite } from '../server/agent-client/contract-suite.ts';
import { program, type TestHost, virsh } from './testing.ts';
import { withHost } from './testing-file.ts';

let host: TestHost;
withHost((given) => {
  host = given;
});
const api = () => host.agent.api;

describe('the contract, on libvirt', () => {
  contractSuite(async () => {
    // The suite asks for its agent before beforeAll has run.
    while (!host?.agent) await sleep(50);
    const address = () => {
      return host.newServer().vifs[0] as never;
    };
    return {
      authority: host.authority,
      hostId: 'h_test',
      api: new Proxy({} as never, { get: (_, name) => api()[name as 'observe'] }),
      digestOfAnImage: host.image.digest,
      bytes: host.image.bytes,
      address,
    };
  });
});

describe('the life of a server', () => {
  test('boots, hears the power button, boots again, is cut, and leaves nothing', async () => {
    const server = host.newServer();
    await server.define(1);
    expect(await api().power({ ...server.at(1), action: 'start' })).toMatchObject({
      state: 'running',
      reason: 'booted',
    });
    // The guest needs a moment until it listens.
    await sleep(3_000);
    expect(await api().power({ ...server.at(1), action: 'shutdown' })).toMatchObject({ generation: 1 });
    await host.seen(server, 'off', 'guest-shutdown');
    await api().power({ ...server.at(1), action: 'start' });
    await api().power({ ...server.at(1), action: 'destroy' });
    await host.seen(server, 'off', 'destroyed');
    expect(await host.traces(server)).not.toEqual([]);
    const { removed } = await api().removeServer(server.at(1));
    expect(removed.slice(0, 3)).toEqual(['domain', `volume ${server.volume.id}`, 'seed']);
    expect(await host.traces(server)).toEqual([]);
  });

  test("its image stays root's, its disk and its seed are nobody else's", async () => {
    const server = host.newServer();
    await server.define(1);
    const ownerAndMode = async (path: string) => {
      const { uid, mode } = await stat(join(host.dataDir, path));
      return [uid === 0 ? 'root' : 'QEMU', (mode & 0o777).toString(8)];
    };
    const image = `images/${host.image.digest}.qcow2`;
    for (const action of ['start', 'destroy'] as const) {
      await api().power({ ...server.at(1), action });
      expect(await ownerAndMode(image)).toEqual(['root', '444']);
      const disk = await ownerAndMode(`volumes/${server.id}/${server.volume.id}.qcow2`);
      expect(disk).toEqual([action === 'start' ? 'QEMU' : 'root', '600']);
      // What a guest only reads libvirt does not take back from QEMU.
      expect(await ownerAndMode(`seeds/${server.id}.iso`)).toEqual(['QEMU', '600']);
    }
  });

  test('boots without Virtio as well', async () => {
    const server = host.newServer({ virtio: false });
    await server.define(1);
    await api().power({ ...server.at(1), action: 'start' });
    await sleep(3_000);
    await api().power({ ...server.at(1), action: 'shutdown' });
    await host.seen(server, 'off', 'guest-shutdown');
  });

  test('listens on unix sockets only, writes its serial log, and its port is isolated and filtered', async () => {
    const server = host.newServer();
    await server.define(1);
    await api().power({ ...server.at(1), action: 'start' });
    const xml = await virsh('dumpxml', server.id);
    expect(xml).toContain(`socket='${host.folder}/run/${server.id}/vnc.sock'`);
    expect(xml).not.toContain("type='address'");
    expect(await program('/usr/bin/ss', '-Htlnp')).not.toContain('qemu');
    for (const name of ['vnc.sock', 'serial.sock', 'agent.sock']) {
      expect((await stat(join(host.folder, 'run', server.id, name))).isSocket()).toBe(true);
    }
    expect((await stat(join(host.dataDir, 'serial', server.id, 'serial.log'))).isFile()).toBe(true);
    expect(await program('/usr/sbin/bridge', '-d', 'link', 'show', 'dev', `v${server.id}-0`)).toContain('isolated on');
    expect(await program('/usr/sbin/ebtables', '-t', 'nat', '-L')).toContain(`v${server.id}-0`);
  });

  test('the seed is gone after its removal, and the domain starts without it', async () => {
    const server = host.newServer();
    await server.define(1);
    await api().power({ ...server.at(1), action: 'start' });
    expect(await api().removeSeed(server.at(1))).toEqual({ removed: true });
    expect(await virsh('dumpxml', server.id)).not.toContain('.iso');
    await api().power({ ...server.at(1), action: 'destroy' });
    expect(await api().power({ ...server.at(1), action: 'start' })).toMatchObject({ state: 'running' });
  });

  test('a new generation of a running server takes effect at its next start', async () => {
    const server = host.newServer();
    await server.define(1);
    await api().power({ ...server.at(1), action: 'start' });
    await api().putDomain({ ...server.at(2), spec: { ...server.spec, memoryMiB: 96 } });
    expect(await virsh('dominfo', server.id)).toMatch(/Max memory:\s+65536 KiB/);
    await api().power({ ...server.at(2), action: 'destroy' });
    await api().power({ ...server.at(2), action: 'start' });
    expect(await virsh('dominfo', server.id)).toMatch(/Max memory:\s+98304 KiB/);
  });
});

test('describes its host', async () => {
  const described = await api().describeHost({});
  expect(described).toMatchObject({ hostId: 'h_test', accelerator: { type: 'qemu', cpu: null }, contractVersion: 3 });
  expect(described.libvirtVersion).toMatch(/^\d+\.\d+\.\d+$/);
  expect(described.memoryMiBTotal).toBeGreaterThan(1024);
  expect(described.diskGiBFree).toBeGreaterThan(0);
  expect(described.warnings).not.toContain('virtlogd-away');
  expect(described.accelerator.attempts[0]?.said).toContain('not probed');
});
