/**
 * Everything that may be left over is planted on a real machine, and seen.
 * scripts/stack/isolate npx vitest run --project hypervisor scripts/checker
 */
import { mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { tablesOf } from '../../compute-agent/networks/rules.ts';
import { define, file, impostor, ip, nft, run, tap, virsh } from './testing.ts';
import { BRIDGE, eachIsSeen, type Fault, host, server } from './testing-server.ts';

/** No row knows of it. */
const ORPHAN = 'zzzzzzzzz7';
const TAP = `v${ORPHAN}-0`;
const TABLE = tablesOf(BRIDGE)[0].join(' ');
const VOLUME = 'vol_aaaaaaaaaaaaaaaa';
const orphan = (kind: string) => `${kind} ${ORPHAN}: `;
const ofAgent = (path: string, content?: string) => () => file(join(host.dataDir, path), content);

eachIsSeen([
  // Of nobody: in the agent's folders.
  ['a disk', ofAgent(`volumes/${ORPHAN}/${VOLUME}.qcow2`), () => [orphan('disk')]],
  ['something else beside a disk', ofAgent(`volumes/${ORPHAN}/notes`), () => [orphan('unknown')]],
  [
    'an empty folder of disks',
    () => {
      mkdirSync(join(host.dataDir, 'volumes', ORPHAN));
      return () => rmdirSync(join(host.dataDir, 'volumes', ORPHAN));
    },
    () => [orphan('unknown')],
  ],
  ['half a disk', ofAgent(`volumes/.staging/${VOLUME}.1.qcow2`), () => ['staged ']],
  ['a seed', ofAgent(`seeds/${ORPHAN}.iso`), () => [orphan('seed')]],
  ['half a seed', ofAgent('seeds/.tmp-abc/seed.iso'), () => ['temporary seeds/.tmp-abc']],
  ['half an image', ofAgent('images/.tmp-abc'), () => ['temporary images/.tmp-abc']],
  ['a temporary file of the runs', ofAgent('runs/.tmp-abc'), () => ['temporary runs/.tmp-abc']],
  ['a temporary file of the agent', ofAgent('.tmp-abc'), () => ['temporary .tmp-abc']],
  ['a note', ofAgent(`state/${ORPHAN}`), () => [orphan('note')]],
  ['a run', ofAgent(`runs/${ORPHAN}`), () => [orphan('run')]],
  ['a tombstone', ofAgent(`tombstones/${ORPHAN}`, '{"generation":1,"at":0}'), () => [orphan('tombstone')]],
  [
    'a lease',
    ofAgent(`dnsmasq/hosts/${ORPHAN}`, '52:54:00:00:00:99,10.77.0.99,[fd77::99],1h\n'),
    () => [orphan('lease')],
  ],
  ['a serial log', ofAgent(`serial/${ORPHAN}/serial.log`), () => [orphan('serial folder')]],
  [
    'a socket',
    () => file(join(host.folder, 'run', ORPHAN, 'vnc.sock')),
    () => [orphan('socket folder'), orphan('socket')],
  ],
  // In libvirt.
  [
    'a domain',
    () => {
      define(
        'define',
        `<domain type='qemu'><name>${ORPHAN}</name><memory unit='MiB'>64</memory><os><type arch='x86_64' machine='pc'>hvm</type></os></domain>`,
      );
      return () => virsh('undefine', ORPHAN);
    },
    () => [orphan('domain'), orphan('definition')],
  ],
  [
    'a filter',
    () => {
      define('nwfilter-define', `<filter name='tsubo-${ORPHAN}' chain='root'/>`);
      return () => virsh('nwfilter-undefine', `tsubo-${ORPHAN}`);
    },
    () => [orphan('filter')],
  ],
  [
    'a filter in force',
    () => {
      const remove = tap(TAP);
      define(
        'nwfilter-binding-create',
        `<filterbinding><owner><name>${ORPHAN}</name><uuid>d54df46f-1ab5-4a22-8618-4560ef5fac2c</uuid></owner><portdev name='${TAP}'/><mac address='52:54:00:00:00:99'/><filterref filter='no-mac-spoofing'/></filterbinding>`,
      );
      return () => {
        virsh('nwfilter-binding-delete', TAP);
        remove();
      };
    },
    () => [orphan('binding'), orphan('tap'), orphan('chain'), orphan('jump'), orphan('runtime file')],
  ],
  [
    'a pool',
    () => {
      virsh('pool-define-as', 'tsubo-planted', 'dir', '--target', '/var/tmp/nowhere');
      return () => virsh('pool-undefine', 'tsubo-planted');
    },
    () => ['pool tsubo-planted'],
  ],
  ['saved memory', () => file(`/var/lib/libvirt/qemu/save/${ORPHAN}.save`), () => [orphan('saved memory')]],
  ['an nvram', () => file(`/var/lib/libvirt/qemu/nvram/${ORPHAN}_VARS.fd`), () => [orphan('nvram')]],
  [
    'a TPM',
    () => file('/var/lib/libvirt/swtpm/d54df46f-1ab5-4a22-8618-4560ef5fac2c/tpm2/state'),
    () => ['tpm /var/lib'],
  ],
  ['a snapshot', () => file(`/var/lib/libvirt/qemu/snapshot/${ORPHAN}/one.xml`), () => [orphan('unknown')]],
  ['an autostart', () => file(`/etc/libvirt/qemu/autostart/${ORPHAN}.xml`), () => [orphan('autostart')]],
  ['a pid file', () => file(`/run/libvirt/qemu/${ORPHAN}.pid`), () => [orphan('runtime file')]],
  // In the kernel.
  [
    'a QEMU',
    () => impostor('/usr/bin/qemu-system-x86_64', '-name', `guest=${ORPHAN},debug-threads=on`),
    () => [orphan('process')],
  ],
  [
    'a second QEMU of one server',
    () => impostor('/usr/bin/qemu-system-x86_64', '-name', `guest=${server.id}`),
    () => [`process ${server.id}: `],
  ],
  [
    'a second dnsmasq',
    () => impostor('/usr/sbin/dnsmasq', `--conf-file=${host.dataDir}/dnsmasq/${BRIDGE}-0.conf`),
    () => ['dnsmasq h_test'],
  ],
  ['a tap', () => tap(TAP), () => [orphan('tap')]],
  [
    'a stranger on the bridge',
    () => {
      const remove = tap('stranger0');
      ip('link', 'set', 'stranger0', 'master', BRIDGE);
      return remove;
    },
    () => ['unknown port stranger0'],
  ],
  [
    'a chain',
    () => {
      nft('add', 'chain', 'bridge', 'nat', `libvirt-I-${TAP}`);
      return () => nft('delete', 'chain', 'bridge', 'nat', `libvirt-I-${TAP}`);
    },
    () => [orphan('chain')],
  ],
  [
    'a jump',
    () => {
      nft('add', 'table', 'bridge', 'planted');
      nft('add chain bridge planted c');
      nft(`add rule bridge planted c iifname "${TAP}" accept`);
      return () => nft('delete table bridge planted');
    },
    () => [orphan('jump')],
  ],
  [
    'an element of a set',
    () => {
      nft(`add element ${TABLE} closed4 { 10.77.0.99 }`);
      return () => nft(`delete element ${TABLE} closed4 { 10.77.0.99 }`);
    },
    () => ['address rule 10.77.0.99'],
  ],
  [
    'an element of a set, IPv6',
    () => {
      nft(`add element ${TABLE} closed6 { fd77:7473:7562::99 }`);
      return () => nft(`delete element ${TABLE} closed6 { fd77:7473:7562::99 }`);
    },
    () => ['address rule fd77:7473:7562::99'],
  ],
  [
    'a proxy entry',
    () => {
      ip('neigh', 'add', 'proxy', '10.77.0.99', 'dev', BRIDGE);
      return () => ip('neigh', 'delete', 'proxy', '10.77.0.99', 'dev', BRIDGE);
    },
    () => ['address rule proxy for 10.77.0.99'],
  ],
  [
    'a port that is pinned',
    () => {
      run('/usr/sbin/bridge', 'fdb', 'add', '52:54:00:00:00:99', 'dev', `v${server.id}-0`, 'master', 'static');
      return () => run('/usr/sbin/bridge', 'fdb', 'delete', '52:54:00:00:00:99', 'dev', `v${server.id}-0`, 'master');
    },
    () => ['address rule fdb entry 52:54:00:00:00:99'],
  ],
  ...['10.77.0.99', 'fd77:7473:7562::99'].map(
    (address): Fault => [
      `a neighbour entry for ${address}`,
      () => {
        ip('neigh', 'add', address, 'lladdr', '52:54:00:00:00:99', 'dev', BRIDGE, 'nud', 'permanent');
        return () => ip('neigh', 'delete', address, 'dev', BRIDGE);
      },
      () => [`neighbour ${address}: `],
    ],
  ),
]);
