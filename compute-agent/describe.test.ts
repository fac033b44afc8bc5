import { expect, it } from 'vitest';
import { lacksOf, memoryMiB } from './describe.ts';

it('reads the memory', () => {
  expect(memoryMiB('MemTotal:       24684224 kB\nMemFree: 1 kB\n')).toBe(24105);
  expect(() => memoryMiB('')).toThrow('MemTotal');
});

it('tells what the kernel lacks by its configuration, and which capability root has not', () => {
  const config = [
    'CONFIG_BRIDGE_VLAN_FILTERING=y',
    '# CONFIG_VLAN_8021Q is not set',
    'CONFIG_NET_SCH_SFQ=m',
    'CONFIG_NET_ACT_POLICE_X=y',
    'CONFIG_VHOST_NET=m',
    'CONFIG_BLK_DEV_DM=y',
  ].join('\n');
  const all = 'CapEff:\t000001ffffffffff\n';
  expect(lacksOf(config, all)).toEqual(['vlan-8021q', 'bridge-conntrack', 'tc-police']);
  expect(lacksOf(config, 'CapEff:\t000001fffeffffff\n').at(-1)).toBe('cap-sys-resource');
  expect(lacksOf(null, all)).toEqual([]);
});
