/**
 * The host's own nft tables, as text for `nft -f`. Only these two are Tsubo's; nothing else is ever touched. They are
 * named after the bridge, since a second installation on the machine has its own.
 * Each text replaces its table in one transaction, so there is no moment without rules.
 *
 * `table inet tsubo_BRIDGE`: what guests may do. `table ip tsubo_nat_BRIDGE`: under which address they go out.
 * - To the host itself: ICMP, DHCP, the public panel where one is configured, and answers to what the host began.
 *   A guest is no router: its advertisements and redirects are dropped.
 * - Through the host: not to the networks that the host itself has an address in or a route to (management), not to
 *   link-local addresses (169.254.169.254 is where clouds keep secrets). Everything else, also to other guests: their
 *   ports are isolated on the bridge, so every packet between them passes here, where later rules decide.
 * - The host's own redirects towards guests are dropped. It forwards between two guests on one interface, and
 *   would tell each that the other is on its link, where isolation lets nothing through. For IPv4 there is
 *   send_redirects; for IPv6 the kernel has no such switch.
 */
import { parseCidr } from './addresses.ts';

/** Family and name of the tables of a bridge's guests; the second is NAT's. */
export const tablesOf = (bridge: string) =>
  [
    ['inet', `tsubo_${bridge}`],
    ['ip', `tsubo_nat_${bridge}`],
  ] as const;

export interface RulesOptions {
  bridge: string;
  /** ADDRESS/PREFIX of the bridge. */
  v4: string;
  v6: string;
  /** Networks, ADDRESS/PREFIX of either family, that guests must not reach through the host. */
  management: readonly string[];
  /** TCP port of the public panel on the bridge's addresses. */
  panelPort?: number | undefined;
}

export function hostRules({ bridge, v4, v6, management, panelPort }: RulesOptions): string {
  const own = { v4: parseCidr(v4), v6: parseCidr(v6) };
  const networks = management.map(parseCidr);
  const set = (family: 'v4' | 'v6', fixed: string[]): string =>
    [
      ...fixed,
      ...networks
        .filter(({ network }) => network.includes(':') === (family === 'v6'))
        .map(({ network, prefix }) => `${network}/${prefix}`),
    ].join(', ');
  const panel = panelPort === undefined ? [] : [`tcp dport ${panelPort} fib daddr type local accept`];
  return table(tablesOf(bridge)[0], [
    'set closed4 {',
    '  type ipv4_addr; flags interval; auto-merge',
    `  elements = { ${set('v4', ['169.254.0.0/16'])} }`,
    '}',
    'set closed6 {',
    '  type ipv6_addr; flags interval; auto-merge',
    `  elements = { ${set('v6', ['fe80::/10'])} }`,
    '}',
    'chain input {',
    '  type filter hook input priority filter; policy accept;',
    `  iifname "${bridge}" jump from_guest_to_host`,
    '}',
    'chain from_guest_to_host {',
    '  icmpv6 type { nd-router-advert, nd-redirect } drop',
    '  ct state established,related accept',
    '  meta l4proto { icmp, ipv6-icmp } accept',
    '  udp sport 68 udp dport 67 accept',
    '  udp sport 546 udp dport 547 accept',
    ...panel.map((rule) => `  ${rule}`),
    '  drop',
    '}',
    'chain forward {',
    '  type filter hook forward priority filter; policy accept;',
    `  iifname "${bridge}" jump from_guest`,
    '}',
    'chain from_guest {',
    // Behind the bridge's filter this can only happen when that one is gone.
    `  ip saddr != ${own.v4.network}/${own.v4.prefix} drop`,
    `  ip6 saddr != ${own.v6.network}/${own.v6.prefix} drop`,
    // Before the answers: also what the management network began goes no further than to the host.
    `  oifname != "${bridge}" ip daddr @closed4 drop`,
    `  oifname != "${bridge}" ip6 daddr @closed6 drop`,
    '  accept',
    '}',
    'chain output {',
    '  type filter hook output priority filter; policy accept;',
    `  oifname "${bridge}" icmpv6 type nd-redirect drop`,
    '}',
  ]);
}

/** Guests reach the outside under the host's address. Without an uplink: over whatever interface the route says. */
export function natRules({ bridge, v4, uplink }: { bridge: string; v4: string; uplink?: string | undefined }): string {
  const { network, prefix } = parseCidr(v4);
  const out = uplink === undefined ? `oifname != "${bridge}"` : `oifname "${uplink}"`;
  return table(tablesOf(bridge)[1], [
    'chain postrouting {',
    '  type nat hook postrouting priority srcnat; policy accept;',
    `  ip saddr ${network}/${prefix} ${out} masquerade`,
    '}',
  ]);
}

/** Declared first, so that the deletion never fails. */
function table(named: readonly string[], lines: string[]): string {
  const name = `table ${named.join(' ')}`;
  return `${name}\ndelete ${name}\n${name} {\n${lines.map((line) => `  ${line}\n`).join('')}}\n`;
}
