/** What no browser would say, at every stage: before, in and after the handshake, with and without a good ticket. */
import { CONSOLE_PATH, PROTOCOL, TICKET_PREFIX } from '../../../console-proxy/contract/socket.ts';
import { frame, handshake } from './wire.ts';
import { type Kind, ORIGIN } from './world.ts';

/** From 0 up to 1. */
export type Random = () => number;
/**
 * `ticket`: of which kind it needs a good one. `opens`: what is said first, until the console is open. `bytes`: what is
 * said then, in the pieces in which it is said.
 */
type Case = {
  ticket?: Kind;
  opens?: (port: number, ticket: string) => Buffer;
  bytes: (port: number, ticket: string, random: Random) => Buffer[];
};

const below = (random: Random, limit: number) => Math.floor(random() * limit);
const one = <T>(random: Random, among: readonly T[]): T => among[below(random, among.length)] as T;
/** Of the seed, as all else: a case that fails can be had again. */
const noise = (random: Random, most: number) =>
  Buffer.from(Array.from({ length: 1 + below(random, most) }, () => below(random, 256)));

/** Cut at any byte; two pieces, mostly one. */
function cut(random: Random, whole: Buffer): Buffer[] {
  if (random() < 0.7) return [whole];
  const at = below(random, whole.length);
  return [whole.subarray(0, at), whole.subarray(at)].filter(({ length }) => length > 0);
}

const changes: ((good: string, random: Random) => string)[] = [
  (good) => good.replace(CONSOLE_PATH, '/ws/other'),
  (good) => good.replace(CONSOLE_PATH, `${CONSOLE_PATH}/${'../'.repeat(40)}`),
  (good) => good.replace(ORIGIN, 'https://evil.example'),
  (good) => good.replace(`Origin: ${ORIGIN}\r\n`, ''),
  (good) => good.replace(PROTOCOL, 'tsubo.console.9'),
  (good) => good.replace(/Sec-WebSocket-Protocol: .*\r\n/, ''),
  (good) => good.replace('Version: 13', 'Version: 99'),
  (good) => good.replace(/Key: .*\r\n/, 'Key: short\r\n'),
  (good) => good.replace(/Key: .*\r\n/, ''),
  (good) => good.replace('GET', 'POST'),
  (good) => good.replace('Upgrade: websocket', 'Upgrade: h2c'),
  (good) => good.replace('HTTP/1.1', 'HTTP/9.9'),
  (good) => good.replace('\r\n\r\n', `\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`),
  (good) => good.replace('\r\n\r\n', '\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n'),
  (good) =>
    good.replace('\r\n\r\n', '\r\nSec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=0\r\n\r\n'),
  (good, random) => good.replace(TICKET_PREFIX, one(random, ['ticket', 'ticket.ticket.', ',,,', '"'])),
  (good, random) => good.slice(0, below(random, good.length)),
  (good, random) => good.replace(/\r\n/g, one(random, ['\n', '\r', '\0\r\n', ' \r\n'])),
];

/** First bytes of frames that are none: reserved bits, unknown opcodes, cut control frames, continuations of nothing. */
const heads = [0xf0, 0xc2, 0xa1, 0x92, 0x83, 0x8b, 0x8f, 0x80, 0x00, 0x08, 0x09, 0x0a];
const frames: ((random: Random) => Buffer)[] = [
  (random) => noise(random, 400),
  (random) => frame(0, noise(random, 100), one(random, heads)),
  // A message begun, in it a control frame that is cut itself.
  (random) => Buffer.concat([frame(2, noise(random, 20), 0x02), frame(9, noise(random, 9), 0x09)]),
  // Not masked.
  (random) => Buffer.concat([Buffer.from([0x82, 20]), noise(random, 20)]),
  // Lengths that nobody may have, and nothing behind them.
  () => Buffer.from('82ffffffffffffffffff00000000', 'hex'),
  () => Buffer.from('82ff000000000fffffff00000000', 'hex'),
  () => Buffer.from('82fe000100000000aa', 'hex'),
  // A ping that is too long, a close with half a code, with a code that is none, with bytes that are no text.
  () => frame(9, Buffer.alloc(126)),
  () => frame(8, Buffer.from([3])),
  (random) => frame(8, Buffer.from([0, below(random, 256)])),
  () => frame(8, Buffer.from([3, 0xe8, 0xff, 0xfe])),
  (random) => frame(1, Buffer.concat([Buffer.from([0xc3, 0x28]), noise(random, 20)])),
  (random) =>
    frame(1, Buffer.from(one(random, ['', '{', 'null', '[]', '{"t":"open"}', '{"t":"open","from":7}', '{"t":"x"}']))),
  () => frame(1, Buffer.from(`{"t":"open","from":${'['.repeat(5_000)}`)),
  (random) => frame(2, noise(random, 600)),
  () => Buffer.concat(Array.from({ length: 300 }, () => frame(9, Buffer.alloc(0)))),
  () => Buffer.concat([frame(2, Buffer.from('a'), 0x02), frame(2, Buffer.from('b'), 0x02)]),
  // RFB that is none: a paste of 4 GB, an unknown message, half of one.
  () =>
    frame(2, Buffer.concat([Buffer.from('RFB 003.008\n\x01\x01', 'latin1'), Buffer.from('06000000ffffffff', 'hex')])),
  (random) => frame(2, Buffer.concat([Buffer.from('RFB 003.008\n\x01\x01', 'latin1'), noise(random, 50)])),
];

const twoFrames = (random: Random) =>
  cut(random, Buffer.concat([one(random, frames)(random), one(random, frames)(random)]));
const HELLO = frame(2, Buffer.from('RFB 003.008\n\x01\x01', 'latin1'));
const OPEN = frame(1, Buffer.from('{"t":"open","from":null}'));

export const cases: Case[] = [
  { bytes: (_port, _ticket, random) => [noise(random, 600)] },
  {
    bytes: (port, ticket, random) =>
      cut(random, Buffer.from(one(random, changes)(handshake(port, ticket), random), 'latin1')),
  },
  // A ticket that is none, and frames that do not wait for the answer.
  {
    bytes: (port, ticket, random) =>
      cut(random, Buffer.concat([Buffer.from(handshake(port, ticket)), one(random, frames)(random)])),
  },
  // A good one, and frames that do not wait either.
  ...(['vnc', 'serial'] as const).map(
    (kind): Case => ({
      ticket: kind,
      bytes: (port, ticket, random) => [Buffer.from(handshake(port, ticket)), ...twoFrames(random)],
    }),
  ),
  // A console that is open, and what follows is none.
  {
    ticket: 'vnc',
    opens: (port, ticket) => Buffer.concat([Buffer.from(handshake(port, ticket)), HELLO]),
    bytes: (_port, _ticket, random) => twoFrames(random),
  },
  {
    ticket: 'serial',
    opens: (port, ticket) => Buffer.concat([Buffer.from(handshake(port, ticket)), OPEN]),
    bytes: (_port, _ticket, random) => twoFrames(random),
  },
];
