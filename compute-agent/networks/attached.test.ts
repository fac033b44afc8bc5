/** Which networks are closed to guests, read from a kernel of its own. */
import { expect, test } from 'vitest';
import { inFreshKernel } from './testing-kernel.ts';

/** What the agent would close after these `ip` commands. */
const closedBehind = (...commands: string[]): Promise<string[]> =>
  inFreshKernel(`
    for (const line of ${JSON.stringify(commands)}) await ip(line);
    answer(await attachedNetworks(exec, 'guests'));
  `);

const uplink = [
  'link add uplink type bridge',
  'link set uplink up',
  'address add 192.0.2.2/24 dev uplink',
  'address add 2001:db8:1::2/64 dev uplink nodad',
];
const guests = [
  'link add guests type bridge',
  'link set guests up',
  'address add 10.77.0.1/24 dev guests',
  'address add fd77::1/64 dev guests nodad',
];

test('where the host has an address itself, but not the bridge', async () => {
  expect(await closedBehind(...uplink, ...guests)).toEqual(['192.0.2.0/24', '2001:db8:1::/64']);
});

test('where only a route leads, by whatever gateways; but not by the bridge', async () => {
  const routes = [
    'route add 10.20.0.0/16 via 192.0.2.1',
    'route add 10.30.0.7/32 nexthop via 192.0.2.8 nexthop via 192.0.2.9',
    'route add 2001:db8:20::/48 via 2001:db8:1::1',
    'route add 10.88.0.0/16 via 10.77.0.9',
    'route add fd88::/48 via fd77::9',
  ];
  expect(await closedBehind(...uplink, ...guests, ...routes)).toEqual([
    '10.20.0.0/16',
    '10.30.0.7/32',
    '192.0.2.0/24',
    '2001:db8:1::/64',
    '2001:db8:20::/48',
  ]);
});

test('but not the way out, also where it is written in halves', async () => {
  const out = [
    'route add default via 192.0.2.1',
    'route add 0.0.0.0/1 via 192.0.2.1',
    'route add 128.0.0.0/1 via 192.0.2.1',
    '-6 route add default via 2001:db8:1::1',
    'route add 2000::/3 via 2001:db8:1::1',
  ];
  expect(await closedBehind(...uplink, ...guests, ...out)).toEqual(['192.0.2.0/24', '2001:db8:1::/64']);
});
