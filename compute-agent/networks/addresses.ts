/** Reading and comparing addresses: text in, canonical text out. Throws RangeError on what is no address. */
import { isIPv4, isIPv6 } from 'node:net';

export interface Cidr {
  address: string;
  prefix: number;
  /** First address of the network, canonical. */
  network: string;
}

export function parseCidr(text: string): Cidr {
  const [address = '', digits = '', more] = text.split('/');
  const prefix = Number(digits);
  const family = isIPv4(address) ? 32 : isIPv6(address) ? 128 : 0;
  if (family === 0 || !/^\d+$/.test(digits) || prefix > family || more !== undefined) {
    throw new RangeError(`"${text}" is no ADDRESS/PREFIX`);
  }
  const bits = family === 32 ? v4Bits(address) : v6Bits(address);
  const rest = BigInt(family - prefix);
  const network = (bits >> rest) << rest;
  return { address, prefix, network: family === 32 ? v4Text(network) : v6Text(network) };
}

/** One text per address, so that texts can be compared. */
export const canonical = (address: string): string =>
  isIPv4(address) ? v4Text(v4Bits(address)) : v6Text(v6Bits(address));

/** Dotted netmask of an IPv4 prefix. */
export const netmask = (prefix: number): string => v4Text((0xffff_ffffn << BigInt(32 - prefix)) & 0xffff_ffffn);

/** The link-local address that a guest forms from its MAC (modified EUI-64). */
export function linkLocal(mac: string): string {
  const bytes = mac.split(':').map((byte) => Number.parseInt(byte, 16));
  if (bytes.length !== 6 || bytes.some((byte) => Number.isNaN(byte)))
    throw new RangeError(`"${mac}" is no MAC address`);
  const [a, b, c, d, e, f] = bytes as [number, number, number, number, number, number];
  const id = [a ^ 2, b, c, 0xff, 0xfe, d, e, f].reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return v6Text((0xfe80n << 112n) | id);
}

function v4Bits(address: string): bigint {
  if (!isIPv4(address)) throw new RangeError(`"${address}" is no IPv4 address`);
  return address.split('.').reduce((sum, part) => (sum << 8n) | BigInt(Number(part)), 0n);
}

const v4Text = (bits: bigint): string => [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 255n).join('.');

function v6Bits(address: string): bigint {
  if (!isIPv6(address) || address.includes('%')) throw new RangeError(`"${address}" is no IPv6 address`);
  // The last 32 bits may be written as IPv4.
  const text = address.replace(/\d+\.\d+\.\d+\.\d+$/, (v4) => {
    const bits = v4Bits(v4);
    return `${(bits >> 16n).toString(16)}:${(bits & 0xffffn).toString(16)}`;
  });
  const [head = '', tail] = text.split('::');
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const all = [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
  return all.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}

/** RFC 5952: lower case, the longest run of two or more zero groups as `::`. */
function v6Text(bits: bigint): string {
  const groups = Array.from({ length: 8 }, (_, i) => ((bits >> BigInt(112 - 16 * i)) & 0xffffn).toString(16));
  let start = -1;
  let length = 1;
  for (let i = 0; i < 8; i++) {
    let j = i;
    while (j < 8 && groups[j] === '0') j++;
    if (j - i > length) {
      start = i;
      length = j - i;
    }
  }
  if (start < 0) return groups.join(':');
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + length).join(':')}`;
}
