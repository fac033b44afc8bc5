/** TCP cuts and joins what a browser sends as it likes: what arrives at the guest is the same. */
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { serialFrame } from '../compute-agent/contract/streams.ts';
import { CONSOLE_PATH, PROTOCOL, TICKET_PREFIX } from './contract/socket.ts';
import { FrameDecoder } from './serial-frames.ts';
import { labOfFile } from './testing-lab.ts';

const file = labOfFile();

/** Masked as a browser must; `final` false: the rest of the message follows in continuations. */
function frame(opcode: number, payload: Buffer, final = true): Buffer {
  const mask = randomBytes(4);
  const long = payload.length > 125;
  const head = Buffer.alloc(long ? 4 : 2);
  head[0] = (final ? 0x80 : 0) | opcode;
  head[1] = 0x80 | (long ? 126 : payload.length);
  if (long) head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, mask, payload.map((byte, n) => byte ^ (mask[n % 4] as number))]);
}

async function dial(kind: 'vnc' | 'serial'): Promise<Socket> {
  const ticket = await file.lab().ticket({ kind });
  const socket = connect(file.lab().proxy.port, '127.0.0.1').setNoDelay(true);
  const request = [
    ...[`GET ${CONSOLE_PATH} HTTP/1.1`, 'Host: x', 'Origin: http://localhost:8080'],
    ...['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'],
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    `Sec-WebSocket-Protocol: ${PROTOCOL}, ${TICKET_PREFIX}${ticket}\r\n\r\n`,
  ].join('\r\n');
  await bytewise(socket, Buffer.from(request));
  return socket;
}

async function bytewise(socket: Socket, bytes: Buffer): Promise<void> {
  for (const byte of bytes) {
    socket.write(Buffer.from([byte]));
    // Else the kernel joins them again.
    await sleep(0);
  }
}

const HELLO = Buffer.from('RFB 003.008\n\x01\x01', 'latin1');
const key = (n: number) => Buffer.from([4, n % 2, 0, 0, 0, 0, 0, n]);

/** Frames of one message each, a message in several frames, a ping between them. */
function speech(messages: Buffer[], whole: Buffer): Buffer[] {
  const parts = [whole.subarray(0, 3), whole.subarray(3, 7), whole.subarray(7)] as [Buffer, Buffer, Buffer];
  return [
    ...messages.map((message) => frame(2, message)),
    ...[frame(2, parts[0], false), frame(9, Buffer.from('?')), frame(0, parts[1], false), frame(0, parts[2])],
  ];
}

test.each(['byte by byte', 'all at once'])('a screen’s keys, %s', async (way) => {
  let heard = Buffer.alloc(0);
  file.lab().agent.onStream = (socket) => {
    socket.write('RFB 003.008\n');
    socket.on('data', (chunk) => (heard = Buffer.concat([heard, chunk])));
  };
  const keys = Array.from({ length: 40 }, (_, n) => key(n));
  const last = Buffer.concat([key(200), key(201)]);
  const said = Buffer.concat([frame(2, HELLO), ...speech(keys, last)]);
  const socket = await dial('vnc');
  await (way === 'all at once' ? socket.write(said) : bytewise(socket, said));
  const wanted = Buffer.concat([HELLO, ...keys, last]);
  await expect.poll(() => heard.length).toBeGreaterThanOrEqual(wanted.length);
  await sleep(100);
  expect(heard.equals(wanted)).toBe(true);
  socket.destroy();
});

test.each(['byte by byte', 'all at once'])('what is typed at a port, %s', async (way) => {
  const typed: Buffer[] = [];
  file.lab().agent.onStream = (socket) => {
    const decoder = new FrameDecoder();
    socket.on('data', (chunk: Buffer) => {
      for (const { type, payload } of decoder.push(chunk))
        if (type === serialFrame.input) typed.push(Buffer.from(payload));
    });
  };
  const lines = Array.from({ length: 40 }, (_, n) => Buffer.from(`行 ${n}\r`));
  const last = Buffer.from('さいごの行です\r');
  const said = Buffer.concat([frame(1, Buffer.from('{"t":"open","from":null}')), ...speech(lines, last)]);
  const socket = await dial('serial');
  await (way === 'all at once' ? socket.write(said) : bytewise(socket, said));
  const wanted = Buffer.concat([...lines, last]);
  await expect.poll(() => Buffer.concat(typed).length).toBeGreaterThanOrEqual(wanted.length);
  await sleep(100);
  expect(Buffer.concat(typed).toString()).toBe(wanted.toString());
  socket.destroy();
});
