/** What the host says arrives as TLS cuts it: byte by byte, or much at once. A browser gets it once, and in order. */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { serialFrame } from '../compute-agent/contract/streams.ts';
import { encodeFrame, encodeJson } from './serial-frames.ts';
import { labOfFile } from './testing-lab.ts';
import { eventually } from './testing-wait.ts';

const { lab, connect, nobody } = labOfFile();

type Cut = (bytes: Buffer) => Buffer[];
const every =
  (size: number): Cut =>
  (bytes) =>
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) => bytes.subarray(n * size, (n + 1) * size));
const cuts: [string, Cut][] = [
  ['byte by byte', every(1)],
  ['by three, across every border', every(3)],
  ['all at once', (bytes) => [bytes]],
];

async function says(socket: Socket, bytes: Buffer, cut: Cut): Promise<void> {
  for (const piece of cut(bytes)) {
    socket.write(piece);
    // Else one record carries many.
    await turn();
  }
}

describe.each(cuts)('%s', (_, cut) => {
  test('a screen', async () => {
    const drawn = randomBytes(1_500);
    lab().agent.onStream = (socket) => void says(socket, drawn, cut);
    const browser = await connect();
    await eventually(() => expect(browser.bytes.length).toBeGreaterThanOrEqual(drawn.length));
    browser.say({ t: 'ping', n: 1 });
    // Whatever came twice would have come before the answer.
    await eventually(() => expect(browser.texts).toHaveLength(1));
    expect(browser.bytes.equals(drawn)).toBe(true);
  });

  test('a serial port: bytes, and what is said between them in its place', async () => {
    const said = randomBytes(1_500);
    const mark = { why: 'start', at: { inode: '7', offset: 5 }, skipped: null };
    const port = { open: true, log: 'ok', writer: null };
    const frames = [
      encodeJson(serialFrame.mark, mark),
      ...every(7)(said).map((piece) => encodeFrame(serialFrame.data, piece)),
      encodeJson(serialFrame.port, port),
    ];
    // Of a newer agent.
    frames.splice(20, 0, Buffer.from([9, 0, 0, 0, 3, 1, 2, 3]), encodeJson(serialFrame.port, port));
    lab().agent.onStream = (socket) => void says(socket, Buffer.concat(frames), cut);
    const browser = await connect({ kind: 'serial' });
    const order: [string, number][] = [];
    browser.ws.on('message', (data, isBinary) => {
      if (!isBinary) order.push([JSON.parse(data.toString()).t, browser.bytes.length]);
    });
    await browser.opened;
    browser.say({ t: 'open', from: null });
    await eventually(() => expect(order).toHaveLength(3));
    expect(order).toEqual([
      ['mark', 0],
      ['port', 19 * 7],
      ['port', said.length],
    ]);
    expect(browser.bytes.equals(said)).toBe(true);
  });
});

test('who asks for pongs without end and does not read is cut, before the answers fill memory', async () => {
  lab().agent.onStream = (socket) => void socket.write('RFB 003.008\n');
  const browser = await connect();
  await eventually(() => expect(browser.bytes.length).toBe(12));
  browser.ws.pause();
  const ping = () => new Promise<void>((resolve) => browser.ws.ping(Buffer.alloc(125), true, () => resolve()));
  // More than the kernel's buffers hold.
  for (let n = 0; n < 200; n++) await Promise.all(Array.from({ length: 1_000 }, ping));
  await nobody();
  await eventually(() => expect(lab().agent.sockets.size).toBe(0));
});
