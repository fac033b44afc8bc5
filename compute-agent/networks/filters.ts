/**
 * Anti-spoofing by libvirt's nwfilter: what leaves a guest carries its own MAC, IPv4 and IPv6, in the Ethernet
 * header as well as in ARP; everything that is neither IPv4, IPv6 nor ARP is dropped in both directions.
 *
 * `clean-traffic` cannot be used, since it drops all IPv6; this is its two-stack form. Two parts are our own
 * because libvirt's are wider than a hosted guest needs: UDP from 0.0.0.0 only as a DHCP request, and no UDP from
 * foreign link-local addresses. The two `out` accepts let pass what the spoofing parts returned; without them the
 * last part drops it.
 *
 * `tsubo-vps` is common to all; `tsubo-<server id>` refers to it with one server's addresses. A filter is redefined
 * only when it differs, because libvirt then rebuilds the rules of every guest that uses it (2 s each).
 */
import { createHash } from 'node:crypto';
import { XMLParser } from 'fast-xml-parser';
import type { Vif } from '../contract/shapes.ts';
import type { LibvirtClient } from '../libvirt/api.ts';
import { LibvirtError, LibvirtErrorCode } from '../libvirt/errors.ts';
import { canonical, linkLocal } from './addresses.ts';

export const filterName = (serverId: string): string => `tsubo-${serverId}`;

interface Filter {
  name: string;
  /** Attributes after the name, and the content after the uuid. */
  attributes: string;
  body: string;
}

const noIpSpoofing: Filter = {
  name: 'tsubo-no-ip-spoofing',
  attributes: ` chain='ipv4-ip' priority='-710'`,
  body: `  <rule action='return' direction='out' priority='100'>
    <ip srcipaddr='0.0.0.0' dstipaddr='255.255.255.255' protocol='udp' srcportstart='68' dstportstart='67'/>
  </rule>
  <rule action='return' direction='out' priority='500'>
    <ip srcipaddr='$IP'/>
  </rule>
  <rule action='drop' direction='out' priority='1000'/>
`,
};

const noIpv6Spoofing: Filter = {
  name: 'tsubo-no-ipv6-spoofing',
  attributes: ` chain='ipv6-ip' priority='-610'`,
  body: `  <rule action='return' direction='out' priority='500'>
    <ipv6 srcipaddr='$IPV6'/>
  </rule>
  <rule action='drop' direction='out' priority='1000'/>
`,
};

const common: Filter = {
  name: 'tsubo-vps',
  attributes: ` chain='root'`,
  body: `  <filterref filter='no-mac-spoofing'/>
  <filterref filter='${noIpSpoofing.name}'/>
  <rule action='accept' direction='out' priority='-650'>
    <mac protocolid='ipv4'/>
  </rule>
  <filterref filter='allow-incoming-ipv4'/>
  <filterref filter='${noIpv6Spoofing.name}'/>
  <rule action='accept' direction='out' priority='-600'>
    <mac protocolid='ipv6'/>
  </rule>
  <filterref filter='allow-incoming-ipv6'/>
  <filterref filter='no-arp-spoofing'/>
  <rule action='accept' direction='inout' priority='-500'>
    <mac protocolid='arp'/>
  </rule>
  <filterref filter='no-other-l2-traffic'/>
`,
};

export function serverFilter(serverId: string, vifs: readonly Vif[]): Filter {
  // Repeated parameters are alternatives. The MAC is taken from each interface itself.
  const parameters = vifs.flatMap((vif) => [
    ['IP', vif.ipv4.address],
    ['IPV6', canonical(vif.ipv6.address)],
    ['IPV6', linkLocal(vif.mac)],
  ]);
  const lines = parameters.map(([name, value]) => `    <parameter name='${name}' value='${value}'/>\n`).join('');
  return {
    name: filterName(serverId),
    attributes: ` chain='root'`,
    body: `  <filterref filter='${common.name}'>\n${lines}  </filterref>\n`,
  };
}

export const filterXml = ({ name, attributes, body }: Filter, uuid: string): string =>
  `<filter name='${name}'${attributes}>\n  <uuid>${uuid}</uuid>\n${body}</filter>\n`;

/** Defines what all servers' filters refer to, in the order in which they must exist. */
export async function putCommonFilters(libvirt: LibvirtClient): Promise<void> {
  for (const filter of [noIpSpoofing, noIpv6Spoofing, common]) await putFilter(libvirt, filter);
}

/** Whether it was (re)defined. Another definer at the same time is no harm: both write the same. */
export async function putFilter(libvirt: LibvirtClient, filter: Filter): Promise<boolean> {
  const existing = await readFilter(libvirt, filter.name);
  // A name keeps its uuid, else libvirt refuses; where it is new, both of two definers choose the same.
  const uuid = existing?.uuid ?? uuidOf(filter.name);
  const xml = filterXml(filter, uuid);
  if (existing && normal(existing.xml) === normal(xml)) return false;
  await libvirt.nwfilterDefineXml(xml);
  return true;
}

/** Whether it was there. Refused by libvirt while a running guest uses it. */
export async function removeFilter(libvirt: LibvirtClient, serverId: string): Promise<boolean> {
  try {
    await libvirt.nwfilterUndefine(await libvirt.nwfilterLookupByName(filterName(serverId)));
    return true;
  } catch (error) {
    if (isNoFilter(error)) return false;
    throw error;
  }
}

async function readFilter(libvirt: LibvirtClient, name: string): Promise<{ uuid: string; xml: string } | null> {
  try {
    const found = await libvirt.nwfilterLookupByName(name);
    return { uuid: found.uuid, xml: await libvirt.nwfilterGetXmlDesc(found) };
  } catch (error) {
    if (isNoFilter(error)) return null;
    throw error;
  }
}

const isNoFilter = (error: unknown): boolean =>
  error instanceof LibvirtError && error.code === LibvirtErrorCode.noNwfilter;

function uuidOf(name: string): string {
  const hex = createHash('sha256').update(`tsubo nwfilter ${name}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  preserveOrder: true,
  trimValues: true,
});
type Node = Record<string, unknown> & { ':@'?: Record<string, string> };

/**
 * One text for one meaning. libvirt gives a filter back with its rules and references sorted by priority, its
 * default priority written out, attributes in its own order: so elements become lines with sorted attributes, and
 * the lines are sorted (order inside a filter means nothing beside priorities).
 */
export function normal(xml: string): string {
  const element = (node: Node): string => {
    const [name = ''] = Object.keys(node).filter((key) => key !== ':@');
    if (name === '#text') return String(node[name]).toLowerCase();
    const given = { ...(name === 'rule' ? { '@priority': '500' } : {}), ...node[':@'] };
    const attributes = Object.entries(given)
      .map(([key, value]) => `${key.slice(1)}=${String(value).toLowerCase()}`)
      .sort();
    const children = (node[name] as Node[]).map(element).sort();
    return `${name}(${attributes.join(' ')})[${children.join('')}]`;
  };
  return (parser.parse(xml) as Node[])
    .filter((node) => 'filter' in node)
    .map((node) => {
      const inside = (node.filter as Node[]).filter((child) => !('uuid' in child));
      return element({ ...node, filter: inside });
    })
    .join('');
}
