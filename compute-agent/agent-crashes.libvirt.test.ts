/** What the agent, libvirtd and the host leave when they die: scripts/stack/isolate npx vitest run --project hypervisor compute-agent */
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { IsolatedLibvirtd } from './libvirt/isolated-libvirtd.ts';
import { eventually, program, refused, type TestHost } from './testing.ts';
import { withHost } from './testing-file.ts';

let daemon: IsolatedLibvirtd;
let host: TestHost;
withHost((given, libvirtd) => {
  host = given;
  daemon = libvirtd;
});
const api = () => host.agent.api;

describe('crashes', () => {
  test('what a create left half-done is cleaned or finished by the same calls', async () => {
    const server = host.newServer();
    await server.define(1);
    const staging = join(host.dataDir, 'volumes', '.staging');
    await writeFile(join(staging, 'half.qcow2'), 'half a disk');
    await writeFile(join(host.dataDir, 'seeds', '.tmp-dead'), 'half a seed');
    await mkdir(join(host.dataDir, 'images', '.tmp-dead'), { recursive: true });
    await host.stopAgent();
    await host.startAgent();
    expect(await readdir(staging)).toEqual([]);
    expect(await readdir(join(host.dataDir, 'seeds'))).toEqual([`${server.id}.iso`]);
    expect(await readdir(join(host.dataDir, 'images'))).toEqual([`${host.image.digest}.qcow2`]);
    await server.define(1);
    expect(await api().power({ ...server.at(1), action: 'start' })).toMatchObject({ state: 'running' });
  });

  test('a removal that stopped after its tombstone is finished at the next start of the agent', async () => {
    const server = host.newServer();
    await server.define(3);
    await api().power({ ...server.at(3), action: 'start' });
    await host.stopAgent();
    await writeFile(join(host.dataDir, 'tombstones', server.id), JSON.stringify({ generation: 3, at: Date.now() }));
    await host.startAgent();
    expect(await host.traces(server)).toEqual([]);
    expect(await api().removeServer(server.at(3))).toEqual({ removed: [] });
  });

  test('an old tombstone does not touch the server that came back later', async () => {
    const server = host.newServer();
    await server.define(1);
    await api().removeServer(server.at(1));
    await server.define(2);
    await host.stopAgent();
    await host.startAgent();
    expect(await api().observe({ serverId: server.id })).toMatchObject({ state: 'off', generation: 2 });
    expect(await refused(api().removeServer(server.at(1)))).toBe('STALE_GENERATION');
  });

  test('an agent that comes back knows its servers, also what it noted is lost', async () => {
    const server = host.newServer();
    await server.define(5);
    await api().power({ ...server.at(5), action: 'start' });
    await host.stopAgent();
    for (const name of ['state', 'runs']) await rm(join(host.dataDir, name), { recursive: true });
    await host.startAgent();
    expect((await api().inventory({})).observations).toEqual([
      { serverId: server.id, state: 'running', reason: 'booted', generation: 5 },
    ]);
    expect(await refused(api().putDomain({ ...server.at(4), spec: server.spec }))).toBe('STALE_GENERATION');
    const bigger = { ...server.spec, memoryMiB: 128 };
    expect(await refused(api().putDomain({ ...server.at(5), spec: bigger }))).toBe('SPEC_CONFLICT');
  });

  test('libvirtd killed and started again: away, then a reset, and how guests ended is remembered', async () => {
    const [running, stopped] = [host.newServer(), host.newServer()];
    await running.define(1);
    await stopped.define(1);
    await api().power({ ...running.at(1), action: 'start' });
    await api().power({ ...stopped.at(1), action: 'start' });
    await api().power({ ...stopped.at(1), action: 'destroy' });
    const { epoch, seq } = await api().inventory({});
    const waiting = api().changes({ epoch, after: seq, waitMs: 20_000 });
    await daemon.kill();
    await eventually(
      'away',
      () => refused(api().observe({ serverId: running.id })),
      (code) => code === 'HYPERVISOR_AWAY',
    );
    expect(host.agent.health.libvirt).toBe(false);
    expect(await refused(api().removeServer(running.at(1)))).toBe('HYPERVISOR_AWAY');
    await daemon.start();
    expect(await waiting).toMatchObject({ reset: true });
    await eventually('connected', async () => host.agent.health.libvirt, Boolean);
    await host.agent.recovered();
    const { observations } = await api().inventory({});
    expect(observations).toHaveLength(2);
    expect(observations).toContainEqual({ serverId: running.id, state: 'running', reason: 'booted', generation: 1 });
    expect(observations).toContainEqual({ serverId: stopped.id, state: 'off', reason: 'destroyed', generation: 1 });
    // The pool and everything else is used through the new connection.
    await host.newServer().define(1);
  });

  test.each([60, 400, 900, 1_600])(
    'libvirtd killed %d ms into a start: the same calls end it, and nothing is left',
    async (ms) => {
      const server = host.newServer();
      await server.define(1);
      const start = api()
        .power({ ...server.at(1), action: 'start' })
        .catch((error) => error);
      await sleep(ms);
      await daemon.kill();
      const first = await start;
      if (first instanceof Error)
        expect(['UNKNOWN_OUTCOME', 'HYPERVISOR_AWAY', 'START_FAILED']).toContain((first as { code?: string }).code);
      await daemon.start();
      await eventually('connected', async () => host.agent.health.libvirt, Boolean);
      await host.agent.recovered();
      const again = await eventually(
        'started',
        () =>
          api()
            .power({ ...server.at(1), action: 'start' })
            .catch((error) => error),
        (answer) => !(answer instanceof Error),
      );
      expect(again).toMatchObject({ state: 'running', reason: 'booted' });
      await api().removeServer(server.at(1));
      expect(await host.traces(server)).toEqual([]);
    },
  );

  test.each([60, 400, 900])(
    'libvirtd killed %d ms into a start and the server removed: nothing is left',
    async (ms) => {
      const server = host.newServer();
      await server.define(1);
      const start = api()
        .power({ ...server.at(1), action: 'start' })
        .catch((error) => error);
      await sleep(ms);
      await daemon.kill();
      await start;
      await daemon.start();
      await eventually('connected', async () => host.agent.health.libvirt, Boolean);
      await eventually(
        'removed',
        () => refused(api().removeServer(server.at(1))),
        (code) => code === 'no error',
      );
      expect(await host.traces(server)).toEqual([]);
    },
  );

  test('folders and cgroups that a killed libvirtd forgot go, of servers that are off and of those that are gone', async () => {
    const [stopped, gone, running] = [host.newServer(), host.newServer(), host.newServer()];
    for (const server of [stopped, gone, running]) await server.define(1);
    await api().power({ ...running.at(1), action: 'start' });
    await api().removeServer(gone.at(2));
    const slice = ['/sys/fs/cgroup/memory/machine', '/sys/fs/cgroup/machine', '/sys/fs/cgroup/machine.slice'];
    const cgroups = slice.find((path) => existsSync(path))!;
    const planted = [stopped, gone].flatMap(({ id }) => [
      join('/var/lib/libvirt/qemu', `domain-77-${id}`),
      join('/var/lib/libvirt/qemu/channel/target', `domain-77-${id}`),
      join(cgroups, `qemu-77-${id}.libvirt-qemu`),
    ]);
    for (const path of planted) {
      await mkdir(path, { recursive: true });
      if (!path.startsWith(cgroups)) await program('/bin/chown', 'libvirt-qemu:', path);
    }
    const own = (await readdir('/var/lib/libvirt/qemu')).filter((name) => name.endsWith(running.id));
    await host.stopAgent();
    await host.startAgent();
    await eventually(
      'taken away',
      async () => planted.filter((path) => existsSync(path)),
      ({ length }) => length === 0,
    );
    expect(await readdir('/var/lib/libvirt/qemu')).toEqual(expect.arrayContaining(own));
    expect(own).toHaveLength(1);
    expect(await api().observe({ serverId: running.id })).toMatchObject({ state: 'running' });
  });

  test('found off after the host booted is told as that', async () => {
    const server = host.newServer();
    await server.define(1);
    await api().power({ ...server.at(1), action: 'start' });
    await api().power({ ...server.at(1), action: 'destroy' });
    await host.stopAgent();
    const run = join(host.dataDir, 'runs', server.id);
    await writeFile(run, JSON.stringify({ bootId: 'the boot before', ended: null }));
    await daemon.kill();
    await daemon.start();
    await host.startAgent();
    expect(await api().observe({ serverId: server.id })).toMatchObject({ state: 'off', reason: 'host-boot' });
  });
});
