/** The texts that are handed to nft, libvirt and dnsmasq, and what is read back from them. */
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import type { Vif } from '../contract/shapes.ts';
import type { LibvirtClient } from '../libvirt/api.ts';
import { LibvirtError, LibvirtErrorCode } from '../libvirt/errors.ts';
import { filterName, filterXml, normal, putCommonFilters, putFilter, removeFilter, serverFilter } from './filters.ts';
import { dnsmasqConfig, leaseLines, leaseOf, parseLeases } from './leases.ts';
import { parseChains, unfilteredTaps } from './presence.ts';
import { hostRules, natRules } from './rules.ts';

const vif: Vif = {
  index: 0,
  mac: '52:54:00:aa:00:01',
  ipv4: { address: '10.77.0.11', prefix: 24, gateway: '10.77.0.1' },
  ipv6: { address: 'FD77:7473:7562:0::B', gateway: 'fd77:7473:7562::1' },
};
const bridge = { bridge: 'tsubo0', v4: '10.77.0.1/24', v6: 'fd77:7473:7562::1/64' };

test('rules close the networks of the host to guests, each in its family', () => {
  const text = hostRules({ ...bridge, management: ['192.0.2.2/24', '2001:db8:1::5/48'] });
  expect(text).toContain('elements = { 169.254.0.0/16, 192.0.2.0/24 }');
  expect(text).toContain('elements = { fe80::/10, 2001:db8:1::/48 }');
  expect(text).not.toContain('tcp dport');
  expect(hostRules({ ...bridge, management: [], panelPort: 8443 })).toContain(
    'tcp dport 8443 fib daddr type local accept',
  );
});

test('nft takes the rules as they are', () => {
  const text =
    hostRules({ ...bridge, management: ['192.0.2.2/24', '192.0.2.128/25'], panelPort: 443 }) +
    natRules({ bridge: 'tsubo0', v4: '10.77.0.1/24', uplink: 'eth0' });
  // In namespaces of its own, so that nothing of this machine is read or changed.
  execFileSync('/usr/bin/unshare', ['--net', '/usr/sbin/nft', '-f', '-'], { input: text });
});

test('NAT leaves by the uplink, or by anything but the bridge', () => {
  expect(natRules({ bridge: 'tsubo0', v4: '10.77.0.1/24', uplink: 'eth0' })).toContain(
    'ip saddr 10.77.0.0/24 oifname "eth0" masquerade',
  );
  expect(natRules({ bridge: 'tsubo0', v4: '10.77.0.1/24' })).toContain('oifname != "tsubo0" masquerade');
});

test('a lease is read back as it was written', () => {
  const leases = [leaseOf(vif)];
  expect(leaseLines(leases)).toBe('52:54:00:aa:00:01,10.77.0.11,[fd77:7473:7562::b],1h\n');
  expect(parseLeases(leaseLines(leases))).toEqual(leases);
  expect(parseLeases('# not ours\n\n52:54:00:aa:00:01,10.77\n')).toEqual([]);
});

test('dnsmasq names no server for names and takes its configuration', () => {
  const text = dnsmasqConfig({ ...bridge, hostsFolder: '/tmp', pidFile: '/tmp/none.pid' });
  expect(text).toContain('port=0');
  expect(text).toContain('dhcp-range=fd77:7473:7562::,static,off-link,64,1h');
  execFileSync('/usr/sbin/dnsmasq', ['--test', '--conf-file=-'], { input: text, stdio: ['pipe', 'ignore', 'ignore'] });
});

test('a filter names all addresses of the server, the link-local one as well', () => {
  const xml = filterXml(serverFilter('abcdefghij', [vif]), '11111111-1111-5111-8111-111111111111');
  expect(xml).toContain(`<filter name='tsubo-abcdefghij' chain='root'>`);
  for (const [name, value] of [
    ['IP', '10.77.0.11'],
    ['IPV6', 'fd77:7473:7562::b'],
    ['IPV6', 'fe80::5054:ff:feaa:1'],
  ]) {
    expect(xml).toContain(`<parameter name='${name}' value='${value}'/>`);
  }
});

test('filters are compared by meaning', () => {
  const a = `<filter name='f' chain='root'><uuid>1</uuid><rule action='drop' direction='out'><mac/></rule><filterref filter='x'/></filter>`;
  const b = `<filter chain="root" name="f">\n <uuid>2</uuid>\n <filterref filter="x"/>\n <rule direction="out" priority="500" action="drop">\n  <mac/>\n </rule>\n</filter>`;
  expect(normal(a)).toBe(normal(b));
  expect(normal(a)).not.toBe(normal(b.replace('drop', 'accept')));
  expect(normal(a)).not.toBe(normal(b.replace('"x"', '"y"')));
});

/** A libvirt that keeps filters, and counts how often they are defined. */
function fakeLibvirt() {
  const filters = new Map<string, { uuid: string; xml: string }>();
  let defined = 0;
  const client = {
    nwfilterLookupByName: async (name: string) => {
      const found = filters.get(name);
      if (!found) throw new LibvirtError('no filter', { code: LibvirtErrorCode.noNwfilter, domain: 0, level: 2 });
      return { name, uuid: found.uuid };
    },
    nwfilterGetXmlDesc: async ({ name }: { name: string }) => filters.get(name)?.xml ?? '',
    nwfilterDefineXml: async (xml: string) => {
      defined++;
      const name = /<filter name='([^']+)'/.exec(xml)?.[1] as string;
      const uuid = /<uuid>([^<]+)</.exec(xml)?.[1] as string;
      const existing = filters.get(name);
      if (existing && existing.uuid !== uuid) throw new Error('filter already exists with another uuid');
      filters.set(name, { uuid, xml });
      return { name, uuid };
    },
    nwfilterUndefine: async ({ name }: { name: string }) => void filters.delete(name),
  };
  return { libvirt: client as unknown as LibvirtClient, filters, defined: () => defined };
}

test('a filter is defined once, again only with other addresses, and keeps a uuid that it finds', async () => {
  const { libvirt, filters, defined } = fakeLibvirt();
  await putCommonFilters(libvirt);
  const common = defined();
  await putCommonFilters(libvirt);
  expect(defined()).toBe(common);

  expect(await putFilter(libvirt, serverFilter('abcdefghij', [vif]))).toBe(true);
  expect(await putFilter(libvirt, serverFilter('abcdefghij', [vif]))).toBe(false);
  const other = { ...vif, ipv4: { ...vif.ipv4, address: '10.77.0.12' } };
  const found = filters.get(filterName('abcdefghij')) as { uuid: string; xml: string };
  filters.set(filterName('abcdefghij'), { xml: found.xml, uuid: 'another' });
  expect(await putFilter(libvirt, serverFilter('abcdefghij', [other]))).toBe(true);
  expect(filters.get(filterName('abcdefghij'))?.uuid).toBe('another');

  expect(await removeFilter(libvirt, 'abcdefghij')).toBe(true);
  expect(await removeFilter(libvirt, 'abcdefghij')).toBe(false);
});

test('chains and rules as nft lists them', async () => {
  const tap = 'vabcdefghij-0';
  const text = `table bridge nat {
	chain PREROUTING {
		type filter hook prerouting priority dstnat; policy accept;
		iifname "${tap}" counter jump libvirt-I-${tap}
	}

	chain libvirt-I-${tap} {
		counter jump I-${tap}-mac
		counter drop
	}
}
`;
  expect(parseChains(text).get(`libvirt-I-${tap}`)).toEqual([`counter jump I-${tap}-mac`, 'counter drop']);
  const unfiltered = (stdout: string) =>
    unfilteredTaps(async () => ({ code: 0, stdout, stderr: '' }), [tap, 'vbbbbbbbbbb-0']);
  expect(await unfiltered(text)).toEqual(['vbbbbbbbbbb-0']);
  expect(await unfiltered('')).toEqual([tap, 'vbbbbbbbbbb-0']);
  // A jump into an emptied chain filters nothing.
  expect(await unfiltered(text.replace(/\t\tcounter (jump I|drop).*\n/g, ''))).toEqual([tap, 'vbbbbbbbbbb-0']);
});
