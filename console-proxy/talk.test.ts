/** What is said about a console beside its bytes: the way there and back, the idle limit, who ended it. */
import { describe, expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { createPerson } from '../server/testing/people.ts';
import { CLOSE } from './contract/socket.ts';
import { Talk } from './talk.ts';
import type { Browser } from './testing.ts';
import { labOfFile } from './testing-lab.ts';
import { eventually, stopwatch } from './testing-wait.ts';

const { lab, connect, consoles } = labOfFile();

/** Half of it is the time in which a warned person acts, on a busy machine, too. */
const IDLE_MS = 6_000;
const VERSION = Buffer.from('RFB 003.008\n');
const KEY = Buffer.from([4, 1, 0, 0, 0, 0, 0, 97]);

/** One of each kind, open. */
async function both(port?: number): Promise<{ screen: Browser; serial: Browser }> {
  lab().agent.onStream = (socket, { kind }) => void (kind === 'vnc' && socket.write(VERSION));
  const screen = await connect({}, port);
  await eventually(() => expect(screen.bytes).toEqual(VERSION));
  screen.ws.send(Buffer.concat([VERSION, Buffer.from([1, 1])]));
  const serial = await connect({ kind: 'serial' }, port);
  await serial.opened;
  serial.say({ t: 'open', from: null });
  return { screen, serial };
}
const told = (browser: Browser, t: string) => browser.texts.filter((text) => (text as { t: string }).t === t);
const told1 = (browser: Browser, t: string) => eventually(() => expect(told(browser, t)).toHaveLength(1));

describe('the way there and back', () => {
  test('a ping is answered with its number and the console’s id, on a screen between its bytes', async () => {
    const { screen, serial } = await both();
    for (const browser of [screen, serial]) {
      browser.say({ t: 'ping', n: 7 });
      await told1(browser, 'pong');
    }
    const rows = await consoles();
    const idOf = (kind: string) => rows.find((row) => row.kind === kind)?.id;
    expect(told(screen, 'pong')).toEqual([{ t: 'pong', n: 7, you: idOf('vnc') }]);
    expect(told(serial, 'pong')).toEqual([{ t: 'pong', n: 7, you: idOf('serial') }]);
  });

  test('any other text on a screen is the end, also one that only looks like it', async () => {
    for (const text of [
      '{"t":"ping"}',
      '{"t":"ping","n":-1}',
      '{"t":"ping","n":1,"more":1}',
      '{"t":"open","from":null}',
    ]) {
      const { screen } = await both();
      screen.ws.send(text);
      expect((await screen.closed).code, text).toBe(CLOSE.protocol);
    }
  });

  test('who asks without end and does not read is answered once, and fills no memory', () => {
    const sent: string[] = [];
    let written = () => {};
    const send = (text: string, done: () => void) => {
      sent.push(text);
      written = done;
    };
    const talk = new Talk({ send } as unknown as WebSocket, 'con_1', 60_000);
    const ping = (n: number) => talk.heard(Buffer.from(JSON.stringify({ t: 'ping', n })));
    for (let n = 0; n < 1_000; n++) expect(ping(n)).toBe(true);
    expect(sent).toEqual([JSON.stringify({ t: 'pong', n: 0, you: 'con_1' })]);
    written();
    ping(1_000);
    expect(sent[1]).toContain('"n":1000');
  });
});

describe('nobody does anything', () => {
  test('is told before and closed at the limit, whatever the browser says by itself', async () => {
    const proxy = await lab().start({ idleMs: IDLE_MS });
    const { screen, serial } = await both(proxy.port);
    const asking = setInterval(() => screen.say({ t: 'ping', n: 1 }), 100);
    expect(await screen.closed).toEqual({ code: CLOSE.idle, reason: '' });
    clearInterval(asking);
    expect((await serial.closed).code).toBe(CLOSE.idle);
    for (const browser of [screen, serial]) {
      const warnings = told(browser, 'idle') as { closesInMs: number; limitMs: number }[];
      expect(warnings).toEqual([{ t: 'idle', closesInMs: expect.any(Number), limitMs: IDLE_MS }]);
      expect(warnings[0]?.closesInMs).toBeLessThanOrEqual(IDLE_MS / 2);
    }
    await proxy.close();
  });

  test('who says that they stay does, and so does who types; both are told that all is well', async () => {
    const proxy = await lab().start({ idleMs: IDLE_MS });
    const { screen, serial } = await both(proxy.port);
    await told1(screen, 'idle');
    await told1(serial, 'idle');
    screen.ws.send(KEY);
    serial.say({ t: 'stay' });
    for (const browser of [screen, serial]) {
      await eventually(() => expect(told(browser, 'idle')).toHaveLength(2));
      expect(told(browser, 'idle')[1]).toEqual({ t: 'idle', closesInMs: null, limitMs: IDLE_MS });
    }
    // The next warning is of a clock that began anew.
    await eventually(() => expect(told(screen, 'idle')).toHaveLength(3));
    expect(screen.ws.readyState).toBe(screen.ws.OPEN);
    await proxy.close();
  });

  test('one who only looks stays by saying so', async () => {
    const proxy = await lab().start({ idleMs: IDLE_MS });
    lab().agent.onStream = (socket) => void socket.write(VERSION);
    const looker = await connect({ viewOnly: true }, proxy.port);
    await told1(looker, 'idle');
    looker.say({ t: 'stay' });
    await eventually(() => expect(told(looker, 'idle')).toHaveLength(2));
    await proxy.close();
  });
});

describe('ended by a person', () => {
  const mark = async (kind: 'vnc' | 'serial', data: object) => {
    const row = (await consoles()).find((one) => one.kind === kind);
    const at = new Date('2026-11-24T11:41:00.250Z');
    await lab().db.consoleSession.update({ where: { id: row?.id ?? '' }, data: { endedAt: at, ...data } });
    return { t: 'ended', at: at.toISOString() };
  };

  test('within two seconds, with who and when; the other stays', async () => {
    const { screen, serial } = await both();
    const { session } = await createPerson(lab().deps, { role: 'operator', accountId: lab().accountId });
    await eventually(async () => expect(await consoles()).toHaveLength(2));
    const head = await mark('vnc', { endedById: session.user.id, endedByStaff: false });
    const gone = stopwatch();
    expect(await screen.closed).toEqual({ code: CLOSE.endedByPerson, reason: '' });
    expect(gone()).toBeLessThan(2_000);
    expect(told(screen, 'ended')).toEqual([{ ...head, byStaff: false, name: session.user.name, reason: null }]);
    await eventually(async () => expect(await consoles()).toMatchObject([{ kind: 'serial' }]));
    expect(serial.ws.readyState).toBe(serial.ws.OPEN);
  });

  test('by staff: with the reason, without the name', async () => {
    const { serial } = await both();
    const { session } = await createPerson(lab().deps, { staffRole: 'support' });
    await eventually(async () => expect(await consoles()).toHaveLength(2));
    const reason = '機器の調査のため';
    const head = await mark('serial', { endedById: session.user.id, endedByStaff: true, endReason: reason });
    expect((await serial.closed).code).toBe(CLOSE.endedByPerson);
    expect(told(serial, 'ended')).toEqual([{ ...head, byStaff: true, name: null, reason }]);
  });
});
