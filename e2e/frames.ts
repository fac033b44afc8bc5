/** Ethernet frames by hand, as hex, for the guest's `rawframe`: what an honest guest would never send. */

const bytes = (text: string, separator: string, radix: number): number[] =>
  text.split(separator).map((part) => Number.parseInt(part, radix));
const macBytes = (mac: string) => bytes(mac, ':', 16);
const v4Bytes = (address: string) => bytes(address, '.', 10);

export function v6Bytes(address: string): number[] {
  const [head = '', tail] = address.split('::');
  const words = (text: string) => (text === '' ? [] : text.split(':').map((word) => Number.parseInt(word, 16)));
  const front = words(head);
  const back = tail === undefined ? [] : words(tail);
  const gap = tail === undefined ? [] : new Array<number>(8 - front.length - back.length).fill(0);
  return [...front, ...gap, ...back].flatMap((word) => [word >> 8, word & 255]);
}

function checksum(data: number[]): number[] {
  let sum = 0;
  for (let at = 0; at < data.length; at += 2) sum += ((data[at] ?? 0) << 8) | (data[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return [(~sum >> 8) & 255, ~sum & 255];
}

const hex = (data: number[]): string => Buffer.from(data).toString('hex');
const ether = (to: string, from: string, type: number) => [...macBytes(to), ...macBytes(from), type >> 8, type & 255];

/** An ICMP echo request; the payload says who asks, so that a capture can be searched for it. */
export function ping4(frame: { toMac: string; fromMac: string; from: string; to: string; mark: string }): string {
  const payload = [...Buffer.from(frame.mark)];
  const icmp = [8, 0, 0, 0, 0x7a, 0x7a, 0, 1, ...payload];
  const [high, low] = checksum(icmp);
  icmp[2] = high!;
  icmp[3] = low!;
  const length = 20 + icmp.length;
  const header = [
    0x45,
    0,
    length >> 8,
    length & 255,
    0,
    1,
    0,
    0,
    64,
    1,
    0,
    0,
    ...v4Bytes(frame.from),
    ...v4Bytes(frame.to),
  ];
  const [headHigh, headLow] = checksum(header);
  header[10] = headHigh!;
  header[11] = headLow!;
  return hex([...ether(frame.toMac, frame.fromMac, 0x0800), ...header, ...icmp]);
}

function icmp6(from: string, to: string, message: number[], hops: number): number[] {
  const pseudo = [
    ...v6Bytes(from),
    ...v6Bytes(to),
    0,
    0,
    message.length >> 8,
    message.length & 255,
    0,
    0,
    0,
    58,
    ...message,
  ];
  const [high, low] = checksum(pseudo.length % 2 === 0 ? pseudo : [...pseudo, 0]);
  const body = [...message];
  body[2] = high!;
  body[3] = low!;
  return [0x60, 0, 0, 0, body.length >> 8, body.length & 255, 58, hops, ...v6Bytes(from), ...v6Bytes(to), ...body];
}

export function ping6(frame: { toMac: string; fromMac: string; from: string; to: string; mark: string }): string {
  const message = [128, 0, 0, 0, 0x7a, 0x7a, 0, 1, ...Buffer.from(frame.mark)];
  return hex([...ether(frame.toMac, frame.fromMac, 0x86dd), ...icmp6(frame.from, frame.to, message, 64)]);
}

/** "`claimed` is at `fromMac`", unasked. */
export function arpReply(frame: { toMac: string; fromMac: string; claimed: string; to: string }): string {
  return hex([
    ...ether(frame.toMac, frame.fromMac, 0x0806),
    ...[0, 1, 8, 0, 6, 4, 0, 2],
    ...macBytes(frame.fromMac),
    ...v4Bytes(frame.claimed),
    ...macBytes(frame.toMac),
    ...v4Bytes(frame.to),
  ]);
}

/** An overriding neighbour advertisement for `claimed` with our own link-layer address. */
export function neighbourAdvertisement(frame: { toMac: string; fromMac: string; claimed: string; to: string }): string {
  const message = [136, 0, 0, 0, 0x20, 0, 0, 0, ...v6Bytes(frame.claimed), 2, 1, ...macBytes(frame.fromMac)];
  return hex([...ether(frame.toMac, frame.fromMac, 0x86dd), ...icmp6(frame.claimed, frame.to, message, 255)]);
}
