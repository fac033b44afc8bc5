/** The whole agent against a real libvirtd: scripts/stack/isolate npx vitest run --project hypervisor compute-agent */
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { contractSuite } from '../server/agent-client/contract-suite.ts';
import type { Observation } from './contract/shapes.ts';
import { IsolatedLibvirtd } from './libvirt/isolated-libvirtd.ts';
import { TestHost, type TestServer } from './testing-host.ts';

let daemon: IsolatedLibvirtd;
let host: TestHost;
const api = () => host.agent.api;

beforeAll(async () => {
  daemon = await IsolatedLibvirtd.start();
  host = await TestHost.create();
  await host.startAgent();
});
afterEach(async () => {
  for (const { serverId } of (await api().inventory({})).observations) {
    await api().removeServer({ serverId, generation: 1_000_000 });
  }
});
afterAll(async () => {
  await host?.stopAgent();
  await daemon?.kill();
  await host?.destroy();
});

const refused = (answer: Promise<unknown>) =>
  answer.then(
    () => 'no error',
    (error: { code?: string }) => error.code ?? error,
  );
async function eventually<T>(what: string, read: () => Promise<T>, good: (value: T) => boolean): Promise<T> {
  let value = await read();
  for (let i = 0; i < 300 && !good(value); i++) {
    await sleep(100);
    value = await read();
  }
  if (!good(value)) throw new Error(`never: ${what}; last: ${JSON.stringify(value)}`);
  return value;
}
const seen = (server: TestServer, state: string, reason: string) =>
  eventually(
    `${state} (${reason})`,
    () => api().observe({ serverId: server.id }),
    (observation: Observation) => observation.state === state && observation.reason === reason,
  );
async function program(file: string, ...args: string[]): Promise<string> {
  return (await promisify(execFile)(file, args)).stdout;
}
const virsh = (...args: string[]) => program('/usr/bin/virsh', '-c', 'qemu:///system', ...args);

/** Everything that a server may leave on the host, read from the host itself. */
async function traces(server: TestServer): Promise<string[]> {
  const found: string[] = [];
  const look = async (folder: string) => {
    for (const name of await readdir(folder, { recursive: true }).catch(() => [])) {
      if (name.includes(server.id) && !name.startsWith('tombstones')) found.push(name);
    }
  };
  await look(host.dataDir);
  await look(join(host.folder, 'run'));
  for (const text of [
    await virsh('list', '--all', '--name'),
    await virsh('nwfilter-list'),
    await program('/usr/sbin/ip', '-o', 'link'),
    await program('/usr/sbin/ip', 'neigh', 'show', 'nud', 'permanent'),
    await program('/usr/sbin/ebtables', '-t', 'nat', '-L').catch(() => ''),
  ]) {
    for (const line of text.split('\n')) {
      if (line.includes(server.id) || server.vifs.some(({ ipv4 }) => line.includes(`${ipv4.address} `)))
        found.push(line);
    }
  }
  return found;
}

describe('the contract, on libvirt', () => {
  contractSuite(async () => {
    // The suite asks for its agent before beforeAll has run.
    while (!host?.agent) await sleep(50);
    const address = () => {
      return host.newServer().vifs[0] as never;
    };
    return {
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
    await seen(server, 'off', 'guest-shutdown');
    await api().power({ ...server.at(1), action: 'start' });
    await api().power({ ...server.at(1), action: 'destroy' });
    await seen(server, 'off', 'destroyed');
    expect(await traces(server)).not.toEqual([]);
    const { removed } = await api().removeServer(server.at(1));
    expect(removed.slice(0, 3)).toEqual(['domain', `volume ${server.volume.id}`, 'seed']);
    expect(await traces(server)).toEqual([]);
  });

  test('boots without Virtio as well', async () => {
    const server = host.newServer({ virtio: false });
    await server.define(1);
    await api().power({ ...server.at(1), action: 'start' });
    await sleep(3_000);
    await api().power({ ...server.at(1), action: 'shutdown' });
    await seen(server, 'off', 'guest-shutdown');
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

describe('what went wrong is told apart', () => {
  test('a QEMU that is killed is a crash, whether by SIGKILL or SIGTERM', async () => {
    const server = host.newServer();
    await server.define(1);
    for (const signal of ['-KILL', '-TERM']) {
      const { epoch, seq } = await api().inventory({});
      await api().power({ ...server.at(1), action: 'start' });
      await program('/bin/kill', signal, (await readFile(`/run/libvirt/qemu/${server.id}.pid`, 'utf8')).trim());
      await seen(server, 'off', 'crashed');
      const told = await eventually(
        'a crash in the journal',
        () => api().changes({ epoch, after: seq, waitMs: 0 }),
        ({ observations }) => observations.at(-1)?.reason === 'crashed',
      );
      expect(told.observations.map(({ state, reason }) => `${state} ${reason}`)).toEqual([
        'running booted',
        'off crashed',
      ]);
    }
  });

  test('a start that fails says why, is seen as failed, and the next one works', async () => {
    const server = host.newServer();
    await server.define(1);
    const disk = join(host.dataDir, 'volumes', server.id, `${server.volume.id}.qcow2`);
    const content = await readFile(disk);
    await writeFile(disk, Buffer.alloc(1024));
    const error = await api()
      .power({ ...server.at(1), action: 'start' })
      .catch((caught) => caught);
    expect(error).toMatchObject({ code: 'START_FAILED', message: expect.stringMatching(/^libvirt \d+ \(/) });
    expect(await api().observe({ serverId: server.id })).toMatchObject({ state: 'off', reason: 'failed-start' });
    await writeFile(disk, content);
    expect(await api().power({ ...server.at(1), action: 'start' })).toMatchObject({ state: 'running' });
  });

  test('a guest paused for no known reason is a failed start; the next start cuts it and boots', async () => {
    const server = host.newServer();
    await server.define(1);
    await api().power({ ...server.at(1), action: 'start' });
    // What QEMU does after an emulation failure: it stops without libvirt having asked.
    await virsh('qemu-monitor-command', server.id, '--hmp', 'stop');
    await seen(server, 'paused', 'failed-start');
    expect(await api().power({ ...server.at(1), action: 'start' })).toMatchObject({
      state: 'running',
      reason: 'booted',
    });
  });

  test('a disk of another size or origin is not taken for the wanted one', async () => {
    const server = host.newServer();
    await server.define(1);
    const other = { ...server.volume, sizeGiB: 2 };
    expect(await refused(api().putVolume({ ...server.at(1), volume: other }))).toBe('SPEC_CONFLICT');
    expect(await refused(api().putVolume({ ...server.at(2), volume: other }))).toBe('SPEC_CONFLICT');
    expect(await api().putVolume({ ...server.at(2), volume: server.volume })).toEqual({ created: false });
    const missing = { ...server.volume, backingDigest: 'f'.repeat(64) };
    expect(await refused(api().putVolume({ ...server.at(3), volume: missing }))).toBe('IMAGE_MISSING');
  });

  test('an image whose bytes are not its digest is not taken', async () => {
    const digest = 'e'.repeat(64);
    await writeFile(join(host.folder, 'sources', `${digest}.qcow2`), 'something else');
    const error = await api()
      .ensureImage({ digest, bytes: 14 })
      .catch((caught) => caught);
    expect(error).toMatchObject({ code: 'IMAGE_MISSING', message: expect.stringContaining('its content is') });
    expect(await readdir(join(host.dataDir, 'images'))).toEqual([`${host.image.digest}.qcow2`]);
  });
});

describe('late and repeated calls', () => {
  test('before the domain exists a late worker is refused as well', async () => {
    const server = host.newServer();
    await api().ensureImage(host.image);
    await api().putVolume({ ...server.at(2), volume: server.volume });
    expect(await refused(api().putSeed({ ...server.at(1), seed: server.seed }))).toBe('STALE_GENERATION');
    expect(await refused(api().putNetwork({ ...server.at(1), vifs: server.vifs }))).toBe('STALE_GENERATION');
    expect(await refused(api().putDomain({ ...server.at(1), spec: server.spec }))).toBe('STALE_GENERATION');
    expect(await refused(api().removeServer(server.at(1)))).toBe('STALE_GENERATION');
    await api().putSeed({ ...server.at(2), seed: server.seed });
    const otherSeed = { ...server.seed, hostname: 'other' };
    expect(await refused(api().putSeed({ ...server.at(2), seed: otherSeed }))).toBe('SPEC_CONFLICT');
    await api().removeServer(server.at(2));
    expect(await traces(server)).toEqual([]);
  });

  test('all calls of a create ten times at once end in one server', async () => {
    const server = host.newServer();
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => server.define(1)));
    expect(outcomes.map(({ status }) => status)).toEqual(Array(10).fill('fulfilled'));
    expect(await readdir(join(host.dataDir, 'volumes', server.id))).toEqual([`${server.volume.id}.qcow2`]);
    const starts = await Promise.allSettled(
      Array.from({ length: 5 }, () => api().power({ ...server.at(1), action: 'start' })),
    );
    expect(starts.map(({ status }) => status)).toEqual(Array(5).fill('fulfilled'));
    expect((await virsh('list', '--name')).trim()).toBe(server.id);
  });

  test('a removal and late calls at once: whoever is first, nothing is left', async () => {
    const server = host.newServer();
    await server.define(1);
    await Promise.allSettled([
      api().power({ ...server.at(1), action: 'start' }),
      api().removeServer(server.at(1)),
      api().putVolume({ ...server.at(1), volume: server.volume }),
      api().putSeed({ ...server.at(1), seed: server.seed }),
      api().removeServer(server.at(1)),
      api().putNetwork({ ...server.at(1), vifs: server.vifs }),
      api().putDomain({ ...server.at(1), spec: server.spec }),
      api().power({ ...server.at(1), action: 'start' }),
    ]);
    expect(await traces(server)).toEqual([]);
    expect(await refused(api().power({ ...server.at(1), action: 'start' }))).toBe('GONE');
  });
});

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
    expect(await traces(server)).toEqual([]);
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
    await promisify(execFile)('/bin/rm', ['-rf', join(host.dataDir, 'state'), join(host.dataDir, 'runs')]);
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

test('describes its host', async () => {
  const described = await api().describeHost({});
  expect(described).toMatchObject({ hostId: 'h_test', accelerator: { type: 'qemu', cpu: null }, contractVersion: 1 });
  expect(described.libvirtVersion).toMatch(/^\d+\.\d+\.\d+$/);
  expect(described.memoryMiBTotal).toBeGreaterThan(1024);
  expect(described.diskGiBFree).toBeGreaterThan(0);
  expect(described.warnings).not.toContain('virtlogd-away');
  expect(described.accelerator.attempts[0]?.said).toContain('not probed');
});
