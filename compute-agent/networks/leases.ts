/**
 * dnsmasq's configuration and the static leases, as text. One file per server in dnsmasq's hosts folder, a line per
 * VIF: MAC, IPv4, [IPv6]. The files are also the agent's record of which addresses a server has on this host: after
 * a reboot the neighbour entries are made from them, and removal finds in them what there is to take back.
 */
import { serverId as serverIdShape, type Vif } from '../contract/shapes.ts';
import { canonical, netmask, parseCidr } from './addresses.ts';

export interface Lease {
  mac: string;
  v4: string;
  v6: string;
}

const LEASE_TIME = '1h';

export const leaseOf = (vif: Vif): Lease => ({
  mac: vif.mac,
  v4: canonical(vif.ipv4.address),
  v6: canonical(vif.ipv6.address),
});

export const leaseLines = (leases: readonly Lease[]): string =>
  leases.map(({ mac, v4, v6 }) => `${mac},${v4},[${v6}],${LEASE_TIME}\n`).join('');

/** Lines that are none of ours are passed over: half a record is better than none. */
export const parseLeases = (text: string): Lease[] =>
  text.split('\n').flatMap((line) => {
    const match = /^([0-9a-f:]{17}),([0-9.]+),\[([0-9a-f:]+)\],/.exec(line);
    return match ? [{ mac: match[1] as string, v4: match[2] as string, v6: match[3] as string }] : [];
  });

/** Files in the hosts folder are named after their server; anything else there is not ours. */
export const isServerId = (name: string): boolean => serverIdShape.safeParse(name).success;

export interface DnsmasqOptions {
  bridge: string;
  /** ADDRESS/PREFIX of the bridge; guests find it as their router. */
  v4: string;
  v6: string;
  hostsFolder: string;
  pidFile: string;
}

export function dnsmasqConfig({ bridge, v4, v6, hostsFolder, pidFile }: DnsmasqOptions): string {
  const own = { v4: parseCidr(v4), v6: parseCidr(v6) };
  return [
    '# Written by the compute agent.',
    // No name server: guests must not find a daemon of the host.
    'port=0',
    `interface=${bridge}`,
    'except-interface=lo',
    // Binds to the bridge alone, so that others may run a DHCP server of their own on other interfaces.
    'bind-interfaces',
    `pid-file=${pidFile}`,
    // Leases are static, so there is nothing to remember and nothing to lose.
    'leasefile-ro',
    'dhcp-authoritative',
    'dhcp-ignore=tag:!known',
    'no-ping',
    // A unicast answer would first write the guest's ARP entry into the kernel, over our permanent one.
    'dhcp-broadcast',
    'quiet-dhcp',
    'quiet-dhcp6',
    'quiet-ra',
    `dhcp-hostsdir=${hostsFolder}`,
    `dhcp-range=${own.v4.network},static,${netmask(own.v4.prefix)},${LEASE_TIME}`,
    `dhcp-option=option:router,${own.v4.address}`,
    // Off-link: neighbours cannot be reached directly between isolated ports, only over the router.
    `dhcp-range=${own.v6.network},static,off-link,${own.v6.prefix},${LEASE_TIME}`,
    'enable-ra',
    '',
  ].join('\n');
}
