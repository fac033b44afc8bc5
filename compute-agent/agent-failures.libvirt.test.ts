/** What goes wrong, and calls that come late or twice: scripts/stack/isolate npx vitest run --project hypervisor compute-agent */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eventually, program, refused, type TestHost, virsh } from './testing.ts';
import { withHost } from './testing-file.ts';

let host: TestHost;
withHost((given) => {
  host = given;
});
const api = () => host.agent.api;

describe('what went wrong is told apart', () => {
  test('a QEMU that is killed is a crash, whether by SIGKILL or SIGTERM', async () => {
    const server = host.newServer();
    await server.define(1);
    for (const signal of ['-KILL', '-TERM']) {
      const { epoch, seq } = await api().inventory({});
      await api().power({ ...server.at(1), action: 'start' });
      await program('/bin/kill', signal, (await readFile(`/run/libvirt/qemu/${server.id}.pid`, 'utf8')).trim());
      await host.seen(server, 'off', 'crashed');
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
    await host.seen(server, 'paused', 'failed-start');
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

  test('one domain with broken metadata hides no other, and is not said to be gone', async () => {
    const [good, bad] = [host.newServer(), host.newServer()];
    await good.define(1);
    await bad.define(1);
    const broken = (await virsh('dumpxml', bad.id)).replace('generation="1"', 'generation="x"');
    expect(broken).toContain('generation="x"');
    await writeFile(join(host.folder, 'broken.xml'), broken);
    await virsh('define', join(host.folder, 'broken.xml'));
    expect((await api().inventory({})).observations.map(({ serverId }) => serverId)).toEqual([good.id]);
    expect(await refused(api().observe({ serverId: bad.id }))).toBe('HYPERVISOR');
    expect((await api().describeHost({})).warnings).toContain(`metadata-unreadable ${bad.id}`);
    await virsh('undefine', bad.id);
    await api().removeServer(bad.at(1));
  });

  test('a domain that is not ours is left alone', async () => {
    const server = host.newServer();
    const foreign = `<domain type="qemu"><name>${server.id}</name><memory>65536</memory><os><type>hvm</type></os></domain>`;
    await writeFile(join(host.folder, 'foreign.xml'), foreign);
    await virsh('define', join(host.folder, 'foreign.xml'));
    expect(await refused(api().removeServer(server.at(1)))).toBe('SPEC_CONFLICT');
    expect(await refused(api().putDomain({ ...server.at(1), spec: server.spec }))).toBe('SPEC_CONFLICT');
    expect((await api().inventory({})).observations).toEqual([]);
    await virsh('undefine', server.id);
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
    expect(await host.traces(server)).toEqual([]);
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
    expect(await host.traces(server)).toEqual([]);
    expect(await refused(api().power({ ...server.at(1), action: 'start' }))).toBe('GONE');
  });
});
