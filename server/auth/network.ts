/** The network that attempts are counted by: an IPv4 address, or an IPv6 address's /64, which one line has all of. */
import { isIPv4, isIPv6 } from 'node:net';

/** What is no address counts as one network, together with what else is none. */
export function networkOf(address: string | null): string {
  const text = address?.trim() ?? '';
  if (isIPv4(text)) return text;
  const groups = groupsOf(text);
  if (groups === null) return 'unknown';
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (isMapped) return [6, 7].flatMap((at) => [(groups[at] ?? 0) >> 8, (groups[at] ?? 0) & 0xff]).join('.');
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`;
}

/** The eight groups of an IPv6 address; null where it is none. */
function groupsOf(text: string): number[] | null {
  const [address = ''] = text.split('%');
  if (!isIPv6(address)) return null;
  // The canonical form, without a dotted end.
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = [], tail = []] = canonical.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const gap = canonical.includes('::') ? 8 - head.length - tail.length : 0;
  return [...head, ...Array<string>(gap).fill('0'), ...tail].map((group) => Number.parseInt(group, 16));
}
