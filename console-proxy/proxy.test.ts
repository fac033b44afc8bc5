/** The whole proxy: real tickets and rows, a real agent's TLS, real WebSockets. */
import { describe, expect, test } from 'vitest';
import { serialFrame } from '../compute-agent/contract/streams.ts';
import { CLOSE } from './contract/socket.ts';
import { encodeFrame, encodeJson, FrameDecoder } from './serial-frames.ts';
import { PICTURE } from './testing-agent.ts';
import { labOfFile } from './testing-lab.ts';
import { eventually } from './testing-wait.ts';

const { lab, connect, consoles, nobody } = labOfFile();

const VERSION = Buffer.from('RFB 003.008\n');
const HELLO = Buffer.concat([VERSION, Buffer.from([1, 1])]);

describe('a screen', () => {
  test('moves bytes both ways, from the first on, and is written down while it is open', async () => {
    const heard: Buffer[] = [];
    lab().agent.onStream = (socket) => {
      socket.write(VERSION);
      socket.on('data', (chunk: Buffer) => heard.push(chunk));
    };
    const browser = await connect();
    await eventually(() => expect(browser.bytes).toEqual(VERSION));
    expect(browser.ws.protocol).toBe('tsubo.console.1');
    const [row] = await consoles();
    expect(row).toMatchObject({
      sessionId: lab().session.id,
      accountId: lab().accountId,
      kind: 'vnc',
      viewOnly: false,
    });
    expect(lab().agent.asked.at(-1)).toMatchObject({ kind: 'vnc', query: { server: lab().serverId } });
    browser.ws.send(HELLO);
    await eventually(() => expect(Buffer.concat(heard)).toEqual(HELLO));
  });

  test('large updates arrive whole and in order', async () => {
    const sent = Buffer.alloc(5_000_000);
    for (let at = 0; at < sent.length; at += 4) sent.writeUInt32LE(at, at);
    lab().agent.onStream = (socket) => {
      for (let at = 0, size = 1; at < sent.length; at += size, size = (size * 3) % 90_001 || 7)
        socket.write(sent.subarray(at, at + size));
    };
    const browser = await connect();
    await eventually(() => expect(browser.bytes.length).toBe(sent.length));
    expect(browser.bytes.equals(sent)).toBe(true);
  });

  test('one who only looks is heard of what shows the screen, and of nothing else', async () => {
    const heard: Buffer[] = [];
    lab().agent.onStream = (socket) => {
      socket.write(VERSION);
      socket.on('data', (chunk: Buffer) => heard.push(chunk));
    };
    const browser = await connect({ viewOnly: true });
    await eventually(() => expect(browser.bytes).toEqual(VERSION));
    const key = Buffer.from([4, 1, 0, 0, 0, 0, 0, 0x61]);
    const update = Buffer.from([3, 0, 0, 0, 0, 0, 0, 1, 0, 1]);
    browser.ws.send(Buffer.concat([HELLO, key, update, key]));
    for (const byte of Buffer.concat([key, update])) browser.ws.send(Buffer.from([byte]));
    await eventually(() => expect(Buffer.concat(heard)).toEqual(Buffer.concat([HELLO, update, update])));
    browser.ws.send(Buffer.from([99]));
    expect((await browser.closed).code).toBe(CLOSE.protocol);
  });

  test('text on a screen and a message that is too long are the end', async () => {
    lab().agent.onStream = (socket) => void socket.write(VERSION);
    const [text, long] = [await connect(), await connect()];
    await eventually(() => expect(Buffer.concat([text.bytes, long.bytes]).length).toBe(24));
    text.ws.send('text');
    long.ws.send(Buffer.alloc(65_537));
    expect((await text.closed).code).toBe(CLOSE.protocol);
    // WebSocket's own code for it.
    expect((await long.closed).code).toBe(1009);
  });

  test('a viewer who does not read holds the host back, and the others are not held', async () => {
    let written = 0;
    lab().agent.onStream = (socket) => {
      const more = () => {
        while (!socket.destroyed) {
          written += 65_536;
          if (!socket.write(Buffer.alloc(65_536))) break;
        }
      };
      socket.on('drain', more);
      more();
    };
    const stalled = await connect();
    await stalled.opened;
    stalled.ws.pause();
    const held = () => process.memoryUsage().arrayBuffers;
    let last = -1;
    await eventually(() => {
      const now = written;
      const still = now === last;
      last = now;
      expect(still && now > 0).toBe(true);
    }, 300);
    const settled = [written, held()];
    lab().agent.onStream = (socket) => void socket.write(VERSION);
    const other = await connect();
    await eventually(() => expect(other.bytes).toEqual(VERSION));
    expect(written).toBe(settled[0]);
    expect(held() - (settled[1] as number)).toBeLessThan(8 * 1024 * 1024);
    stalled.ws.resume();
    await eventually(() => expect(written).toBeGreaterThan((settled[0] as number) + 20_000_000));
  });

  test('its last picture is kept, but not of a glance', async () => {
    const browser = await connect();
    await eventually(async () => expect(await consoles()).toHaveLength(1));
    await new Promise((resolve) => setTimeout(resolve, 3_100));
    browser.ws.close();
    await eventually(async () =>
      expect(
        Buffer.from((await lab().db.screen.findUniqueOrThrow({ where: { serverId: lab().serverId } })).png),
      ).toEqual(PICTURE),
    );
    const before = lab().agent.screenshots;
    (await connect()).ws.close();
    await nobody();
    expect(lab().agent.screenshots).toBe(before);
  });
});

describe('a serial port', () => {
  test('is dialled where the browser wants to go on, and translated both ways', async () => {
    const decoder = new FrameDecoder();
    const heard: unknown[] = [];
    const mark = { why: 'start', at: { inode: '7', offset: 5 }, skipped: null };
    const port = { open: true, log: 'ok', writer: null };
    lab().agent.onStream = (socket) => {
      socket.write(Buffer.concat([encodeJson(serialFrame.mark, mark), encodeJson(serialFrame.port, port)]));
      socket.write(encodeFrame(serialFrame.data, Buffer.from('あ\0')));
      socket.on('data', (chunk: Buffer) => heard.push(...decoder.push(chunk)));
    };
    const browser = await connect({ kind: 'serial' });
    await browser.opened;
    browser.say({ t: 'open', from: { inode: '7', offset: 5 } });
    await eventually(() => expect(browser.bytes.toString()).toBe('あ\0'));
    const [row] = await consoles();
    expect(browser.texts).toEqual([
      { t: 'mark', ...mark },
      { t: 'port', ...port, you: row?.id },
    ]);
    const { name: label } = lab().session.user;
    expect(lab().agent.asked.at(-1)?.query).toEqual({ server: lab().serverId, from: '7.5', writer: row?.id, label });
    browser.say({ t: 'claim', what: 'take' });
    browser.ws.send(Buffer.from('ls\r'));
    await eventually(() => expect(heard).toHaveLength(2));
    expect(heard).toEqual([
      { type: serialFrame.claim, payload: Buffer.from('{"what":"take"}') },
      { type: serialFrame.input, payload: Buffer.from('ls\r') },
    ]);
    browser.say({ t: 'open', from: null });
    expect((await browser.closed).code).toBe(CLOSE.protocol);
  });

  test('one who only looks types nothing and claims nothing', async () => {
    const heard: Buffer[] = [];
    lab().agent.onStream = (socket) => socket.on('data', (chunk: Buffer) => heard.push(chunk));
    const browser = await connect({ kind: 'serial', viewOnly: true });
    await browser.opened;
    browser.say({ t: 'open', from: null });
    browser.say({ t: 'claim', what: 'force' });
    browser.ws.send(Buffer.from('x'));
    await eventually(() => expect(lab().agent.asked.at(-1)?.query).toEqual({ server: lab().serverId }));
    browser.ws.send('nonsense');
    await browser.closed;
    expect(heard).toEqual([]);
  });

  test('a reader who is behind is not read for, and goes on where it was', async () => {
    let written = 0;
    const line = Buffer.alloc(65_536, 'x');
    lab().agent.onStream = (socket) => {
      const more = () => {
        while (!socket.destroyed && written < 60_000_000) {
          written += line.length;
          if (!socket.write(encodeFrame(serialFrame.data, line))) break;
        }
      };
      socket.on('drain', more);
      more();
    };
    const browser = await connect({ kind: 'serial' });
    await browser.opened;
    browser.say({ t: 'open', from: null });
    await eventually(() => expect(written).toBeGreaterThan(0));
    browser.ws.pause();
    let last = -1;
    await eventually(() => {
      const still = written === last;
      last = written;
      expect(still).toBe(true);
    }, 300);
    expect(written).toBeLessThan(60_000_000);
    browser.ws.resume();
    await eventually(() =>
      expect(browser.binary.reduce((sum, { length }) => sum + length, 0)).toBeGreaterThan(59_000_000),
    );
  });
});
