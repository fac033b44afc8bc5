/**
 * Ethernet frames as hexadecimal text for the small image's `rawframe`, each with a marker of its own by which a
 * capture is searched for it. It lies inside of the packet's length: bridges cut off what follows. Checksums of IPv4 headers are right, so that no receiver drops a frame for
 * another reason than the one that is tested; UDP's is 0 (IPv4: none) and ICMPv6's is computed.
 */
import { canonical } from '../../compute-agent/networks/addresses.ts';

export interface Ends {
  fromMac: string;
  toMac: string;
}

export function udp4({
  fromMac,
  toMac,
  from,
  to,
  marker,
}: Ends & { from: string; to: string; marker: string }): string {
  const payload = Buffer.from(marker);
  const header = Buffer.alloc(28);
  header[0] = 0x45;
  header.writeUInt16BE(28 + payload.length, 2);
  header[8] = 64;
  header[9] = 17;
  v4(from).copy(header, 12);
  v4(to).copy(header, 16);
  header.writeUInt16BE(checksum(header.subarray(0, 20)), 10);
  header.writeUInt16BE(4444, 20);
  header.writeUInt16BE(4444, 22);
  header.writeUInt16BE(8 + payload.length, 24);
  return ethernet({ fromMac, toMac }, 0x0800, Buffer.concat([header, payload]));
}

export function udp6({
  fromMac,
  toMac,
  from,
  to,
  marker,
}: Ends & { from: string; to: string; marker: string }): string {
  const payload = Buffer.from(marker);
  const body = Buffer.alloc(8 + payload.length);
  body.writeUInt16BE(4444, 0);
  body.writeUInt16BE(4444, 2);
  body.writeUInt16BE(body.length, 4);
  payload.copy(body, 8);
  return ethernet({ fromMac, toMac }, 0x86dd, ipv6(from, to, 17, 6, body));
}

/** opcode 1: request, 2: reply. `claims` is the address that the sender says is its own. */
export function arp(
  input: Ends & { opcode: 1 | 2; claims: string; claimsMac?: string; target: string; marker: string },
): string {
  const body = Buffer.alloc(28);
  body.writeUInt16BE(1, 0);
  body.writeUInt16BE(0x0800, 2);
  body[4] = 6;
  body[5] = 4;
  body.writeUInt16BE(input.opcode, 6);
  mac(input.claimsMac ?? input.fromMac).copy(body, 8);
  v4(input.claims).copy(body, 14);
  v4(input.target).copy(body, 24);
  return ethernet(input, 0x0806, Buffer.concat([body, Buffer.from(input.marker)]));
}

/** An unsolicited neighbour advertisement with the override flag: "`claims` is at `claimsMac`". */
export function neighbourAdvertisement(
  input: Ends & { from: string; to: string; claims: string; claimsMac: string; marker: string },
): string {
  const body = Buffer.alloc(32);
  body[0] = 136;
  body[4] = 0x20;
  v6(input.claims).copy(body, 8);
  body[24] = 2;
  body[25] = 1;
  mac(input.claimsMac).copy(body, 26);
  return ethernet(input, 0x86dd, icmp6(input.from, input.to, Buffer.concat([body, option(input.marker)])));
}

/** "I am a router, for 30 minutes." */
export function routerAdvertisement(input: Ends & { from: string; marker: string }): string {
  const body = Buffer.alloc(16);
  body[0] = 134;
  body[4] = 64;
  body.writeUInt16BE(1800, 6);
  return ethernet(input, 0x86dd, icmp6(input.from, 'ff02::1', Buffer.concat([body, option(input.marker)])));
}

export function routerSolicitation(input: Ends & { from: string }): string {
  const body = Buffer.alloc(8);
  body[0] = 133;
  return ethernet(input, 0x86dd, icmp6(input.from, 'ff02::2', body));
}

export const ethernet = ({ fromMac, toMac }: Ends, type: number, body: Buffer): string =>
  Buffer.concat([mac(toMac), mac(fromMac), Buffer.from([type >> 8, type & 255]), body]).toString('hex');

/** An option of neighbour discovery for experiments (RFC 4727), which receivers pass over. */
function option(marker: string): Buffer {
  const bytes = Buffer.alloc(Math.ceil((2 + marker.length) / 8) * 8);
  bytes[0] = 253;
  bytes[1] = bytes.length / 8;
  bytes.write(marker, 2);
  return bytes;
}

function icmp6(from: string, to: string, body: Buffer): Buffer {
  const pseudo = Buffer.alloc(40);
  v6(from).copy(pseudo, 0);
  v6(to).copy(pseudo, 16);
  pseudo.writeUInt32BE(body.length, 32);
  pseudo[39] = 58;
  body.writeUInt16BE(0, 2);
  body.writeUInt16BE(checksum(Buffer.concat([pseudo, body])), 2);
  // Neighbour discovery is only believed with the hop limit that no router can have lowered.
  return ipv6(from, to, 58, 255, body);
}

function ipv6(from: string, to: string, next: number, hops: number, body: Buffer): Buffer {
  const header = Buffer.alloc(40);
  header[0] = 0x60;
  header.writeUInt16BE(body.length, 4);
  header[6] = next;
  header[7] = hops;
  v6(from).copy(header, 8);
  v6(to).copy(header, 24);
  return Buffer.concat([header, body]);
}

function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i] as number) * 256 + (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

const mac = (text: string): Buffer => Buffer.from(text.replaceAll(':', ''), 'hex');
const v4 = (text: string): Buffer => Buffer.from(text.split('.').map(Number));

function v6(text: string): Buffer {
  const [head = '', tail] = canonical(text).split('::');
  const groups = (part: string | undefined): string[] => (part ? part.split(':') : []);
  const left = groups(head);
  const right = groups(tail);
  const all = [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex');
}
