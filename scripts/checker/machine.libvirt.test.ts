/**
 * The reader of a real machine: a whole server has no violations, what it lost is seen, and so is what it leaves when
 * it is given back. scripts/stack/isolate npx vitest run --project hypervisor scripts/checker
 */
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aside, ip } from './testing.ts';
import { BRIDGE, eachIsSeen, host, look, row, server } from './testing-server.ts';

const away = () => join(host.folder, 'aside');

test('a whole server on a real host has no violations', async () => {
  expect(await look()).toEqual([]);
});

eachIsSeen([
  // Lost.
  [
    'a lost disk',
    () => aside(join(host.dataDir, `volumes/${server.id}/${server.volume.id}.qcow2`), away()),
    () => [`disk ${server.id}: `],
  ],
  [
    'a lost lease',
    () => aside(join(host.dataDir, `dnsmasq/hosts/${server.id}`), away()),
    () => [`lease ${server.id}: `],
  ],
  [
    'a lease with a foreign address',
    () => {
      const path = join(host.dataDir, `dnsmasq/hosts/${server.id}`);
      const back = aside(path, away());
      writeFileSync(path, `${row.macs[0]},10.77.0.99,[${row.v6[0]}],1h\n`);
      return back;
    },
    () => [`lease ${server.id}: server ${server.id}: its lease names 10.77.0.99`],
  ],
  [
    'a lost serial socket',
    () => aside(join(host.folder, `run/${server.id}/serial.sock`), away()),
    () => [`socket ${server.id}: `],
  ],
  [
    'a lost neighbour entry',
    () => {
      const [vif] = server.vifs;
      ip('neigh', 'delete', vif!.ipv6.address, 'dev', BRIDGE);
      return () => ip('neigh', 'add', vif!.ipv6.address, 'lladdr', vif!.mac, 'dev', BRIDGE, 'nud', 'permanent');
    },
    () => [`neighbour ${server.id}: `],
  ],
]);

test('a server that was given back leaves its tombstone and nothing else, cgroups neither', async () => {
  // What an agent leaves that was killed while it wrote goes with its next start.
  const folders = ['.', 'runs', 'state', 'tombstones', 'seeds', 'images', 'dnsmasq/hosts', 'volumes/.staging'];
  for (const folder of folders) writeFileSync(join(host.dataDir, folder, '.tmp-killed'), 'half');
  expect(await look()).toHaveLength(folders.length);
  await host.startAgent();
  await host.agent.api.removeServer(server.at(1));
  await host.stopAgent();
  Object.assign(row, {
    alive: false,
    removed: true,
    placements: [],
    volumes: [],
    v4: [],
    v6: [],
    subscription: 'ended',
  });
  expect(await look()).toEqual([]);

  const controllers = ['/sys/fs/cgroup/memory/machine', '/sys/fs/cgroup/machine', '/sys/fs/cgroup/machine.slice'];
  const folder = join(controllers.find((path) => existsSync(path))!, `qemu-9-${server.id}.libvirt-qemu`);
  mkdirSync(folder);
  try {
    expect(await look()).toEqual([expect.stringMatching(`^cgroup ${server.id}: `)]);
  } finally {
    rmdirSync(folder);
  }
  const tombstone = aside(join(host.dataDir, `tombstones/${server.id}`), away());
  expect(await look()).toEqual([expect.stringMatching(`^tombstone ${server.id}: `)]);
  tombstone();
});
