import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Link } from './link.ts';
import { readTold } from './read-told.ts';

class Socket extends EventTarget {
  readyState = 1;
  said: unknown[] = [];
  send(text: string) {
    this.said.push(JSON.parse(text));
  }
  tell(data: unknown) {
    this.dispatchEvent(new MessageEvent('message', { data: typeof data === 'object' ? JSON.stringify(data) : data }));
  }
}
class Page extends EventTarget {
  visibilityState = 'visible';
  turn(to: 'visible' | 'hidden') {
    this.visibilityState = to;
    this.dispatchEvent(new Event('visibilitychange'));
  }
}

let page: Page;
let link: Link;
let heard: unknown[];
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  page = new Page();
  vi.stubGlobal('document', page);
  link = new Link();
  heard = [];
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});
function attach() {
  const socket = new Socket();
  const { detach } = link.attach(socket as unknown as WebSocket, readTold, {
    idle: (told) => heard.push(told),
    ended: (told) => heard.push(told),
  });
  return { socket, detach };
}
const pong = (n: number) => ({ t: 'pong', n, you: 'con_1' });

describe('the way there and back', () => {
  it('is asked for when the console speaks, and every 5 s from then on', () => {
    const { socket } = attach();
    vi.advanceTimersByTime(20_000);
    expect(socket.said).toEqual([]);
    socket.tell('RFB');
    expect(socket.said).toEqual([{ t: 'ping', n: 1 }]);
    vi.advanceTimersByTime(18);
    socket.tell(pong(1));
    expect(link.facts).toEqual({ roundTripMs: 18, you: 'con_1' });
    vi.advanceTimersByTime(10_000);
    expect(socket.said).toHaveLength(3);
  });

  it('is not asked for while nobody looks, and at once when somebody does again', () => {
    const { socket } = attach();
    socket.tell('RFB');
    page.turn('hidden');
    vi.advanceTimersByTime(60_000);
    expect(socket.said).toHaveLength(1);
    // The answer of before is of no use: the page may have slept meanwhile.
    socket.tell(pong(1));
    expect(link.facts.roundTripMs).toBeNull();
    page.turn('visible');
    expect(socket.said).toEqual([
      { t: 'ping', n: 1 },
      { t: 'ping', n: 2 },
    ]);
  });

  it('that is not answered is not known; nor is that of another socket', () => {
    const first = attach();
    first.socket.tell('RFB');
    vi.advanceTimersByTime(7);
    first.socket.tell(pong(1));
    let told = 0;
    link.subscribe(() => {
      told += 1;
    });
    vi.advanceTimersByTime(10_000);
    expect([link.facts.roundTripMs, told > 0]).toEqual([null, true]);
    first.detach();
    const second = attach();
    second.socket.tell('RFB');
    first.socket.tell(pong(4));
    expect(link.facts).toEqual({ roundTripMs: null, you: null });
  });

  it('an answer within a millisecond is one', () => {
    const { socket } = attach();
    socket.tell('RFB');
    socket.tell(pong(1));
    expect(link.facts.roundTripMs).toBe(1);
  });
});

it('what is not for here goes on to whoever listens, and what is goes no further', () => {
  const { socket } = attach();
  const others: unknown[] = [];
  socket.addEventListener('message', (event) => others.push((event as MessageEvent).data));
  const idle = { t: 'idle', closesInMs: 120_000, limitMs: 1_800_000 };
  const ended = { t: 'ended', at: '2026-11-24T11:41:00.000Z', byStaff: false, name: '佐藤', reason: null };
  const port = { t: 'port', you: 'con_1', open: true, log: 'ok', writer: null };
  for (const told of [idle, port, ended, pong(9)]) socket.tell(told);
  expect(heard).toEqual([idle, ended]);
  expect(others).toEqual([JSON.stringify(port)]);
});

it('says that somebody is here, while there is a console', () => {
  link.stay();
  const { socket, detach } = attach();
  link.stay();
  detach();
  link.stay();
  expect(socket.said).toEqual([{ t: 'stay' }]);
});
